import type { RunningSandbox } from '../client.ts';
import type { Version } from './answers.ts';

/** An answer of the service as a client sees it. */
export interface SwAnswer {
  readonly status: number;
  /** The PAC's clock by its Date header. */
  readonly date: Date;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed body; undefined when it is no JSON. */
  readonly body:
    { status: string; message?: string; messageDetail?: string; data: Record<string, string> | null } | undefined;
}

function parsed(text: string): SwAnswer['body'] {
  return text.startsWith('{') ? (JSON.parse(text) as SwAnswer['body']) : undefined;
}

async function answerOf(response: Response): Promise<SwAnswer> {
  const text = await response.text();
  const date = new Date(response.headers.get('date') ?? Number.NaN);
  return { status: response.status, date, headers: response.headers, text, body: parsed(text) };
}

/** A plain client of SW's protocol for the sandbox's own tests; the agent's adapter is not to be its judge. */
export class SwCaller {
  private readonly sandbox: Pick<RunningSandbox, 'pacUrl' | 'user' | 'password'>;

  constructor(sandbox: Pick<RunningSandbox, 'pacUrl' | 'user' | 'password'>) {
    this.sandbox = sandbox;
  }

  async authenticate(user = this.sandbox.user, password = this.sandbox.password): Promise<SwAnswer> {
    const headers = { user, password };
    return answerOf(await fetch(`${this.sandbox.pacUrl}/security/authenticate`, { method: 'POST', headers }));
  }

  async token(): Promise<string> {
    return (await this.authenticate()).body?.data?.token ?? '';
  }

  async stamp(xml: Buffer, customid?: string, options: { token?: string; version?: Version } = {}): Promise<SwAnswer> {
    const form = new FormData();
    form.set('xml', new Blob([new Uint8Array(xml)], { type: 'text/xml' }), 'xml');
    const headers = {
      authorization: `Bearer ${options.token ?? (await this.token())}`,
      ...(customid !== undefined && { customid }),
    };
    const url = `${this.sandbox.pacUrl}/v4/cfdi33/stamp/${options.version ?? 'v4'}`;
    return answerOf(await fetch(url, { method: 'POST', body: form, headers }));
  }
}
