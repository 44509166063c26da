import type { Clock } from '@nexora/runtime';
import { z } from 'zod';
import { exchange, harmless, isFailure, jsonIn } from './answer.ts';
import { codeIn, meaningOf } from './codigos.ts';
import type { Verdict } from './pac.ts';

/** How to reach SW's service and how patient to be. */
export interface SwOptions {
  /** Name under which attempts are kept: `sw`, or `sandbox` for our own service of the same protocol. */
  readonly name: string;
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** A token without end, in place of user and password; '' when there is none. */
  readonly token: string;
  /** Whole time of one request. */
  readonly timeoutMs: number;
  /** How long an empty 307 is asked after. */
  readonly emptyMs: number;
}

/** What no text for people may hold. */
export function secretsOf({ password, token }: SwOptions): readonly string[] {
  return [password, token];
}

const body = z.object({
  status: z.string(),
  message: z.string().nullish(),
  data: z.object({ token: z.string().min(1), expires_in: z.number().nullish() }).nullish(),
});

/** A token is renewed this long before its end, so that none ends on the way. */
const MARGIN_MS = 5 * 60_000;
const LIFE_MS = 2 * 3_600_000;

/** The login at SW: one token at a time, shared by all requests of the process. */
export class SwSession {
  readonly #options: SwOptions;
  readonly #clock: Clock;
  #token: { readonly text: string; readonly endsAt: number } | undefined;
  #asking: Promise<string | Verdict> | undefined;

  constructor(options: SwOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** A token that holds, or why there is none; then nothing of a comprobante has left. */
  async token(): Promise<string | Verdict> {
    if (this.#options.token !== '') return this.#options.token;
    if (this.#token !== undefined && this.#clock.monotonic() < this.#token.endsAt) return this.#token.text;
    this.#asking ??= this.#authenticate().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** The PAC no longer takes this token. */
  forget(token: string): void {
    if (this.#token?.text === token) this.#token = undefined;
  }

  async #authenticate(): Promise<string | Verdict> {
    const { url, user, password, timeoutMs } = this.#options;
    const result = await exchange(new URL('/security/authenticate', url).href, {
      method: 'POST',
      headers: { user: encoded(user), password: encoded(password) },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (isFailure(result)) {
      return { kind: 'unsent', offline: result.early, code: result.code, message: 'No se pudo entrar al PAC.' };
    }
    const parsed = body.safeParse(jsonIn(result.text));
    const { data, message } = parsed.success ? parsed.data : {};
    if (result.status === 200 && data) {
      const endsAt = this.#clock.monotonic() + Math.max(0, lifeMs(data.expires_in) - MARGIN_MS);
      this.#token = { text: data.token, endsAt };
      return data.token;
    }
    const code = codeIn(message ?? '') ?? `http-${result.status}`;
    const isOurs = meaningOf(code) === 'account' || (parsed.success && result.status === 401);
    if (isOurs) {
      const said = harmless([message ?? 'El PAC no acepta el acceso.'], secretsOf(this.#options));
      return { kind: 'refused', of: 'account', code, message: said };
    }
    return { kind: 'unsent', offline: false, code, message: 'El PAC no dio acceso por ahora.' };
  }
}

/** The service tells the end in seconds since 1970: only what can be a life of two hours or less is taken for one. */
function lifeMs(expiresIn: number | null | undefined): number {
  return Math.min(LIFE_MS, (expiresIn || Infinity) * 1_000);
}

/** Headers carry Latin-1 only; a password with other characters is sent as its UTF-8 bytes. */
function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
