import { createHmac, timingSafeEqual } from 'node:crypto';

/** Two hours, in seconds. */
export const tokenLife = 7_200;

/** Tokens in three parts that nobody has to store: they name their end and are signed with the sandbox's own secret. */
export class Tokens {
  private readonly secret: Buffer;

  constructor(secret: Buffer) {
    this.secret = secret;
  }

  issue(now: Date): string {
    const head = Buffer.from('{"alg":"HS256"}').toString('base64url');
    const body = Buffer.from(JSON.stringify({ exp: Math.floor(now.getTime() / 1000) + tokenLife })).toString(
      'base64url',
    );
    return `${head}.${body}.${this.sign(`${head}.${body}`).toString('base64url')}`;
  }

  /** Why the token of an Authorization header does not hold; undefined when it does. */
  faultOf(authorization: string | undefined, now: Date): string | undefined {
    return this.fault(/^bearer\s+(.+)$/i.exec(authorization ?? '')?.[1] ?? '', now);
  }

  /** Why a token does not hold; undefined when it does. */
  fault(token: string, now: Date): string | undefined {
    const parts = token.split('.');
    const [head = '', body = '', signature = ''] = parts;
    if (parts.length !== 3) return 'El token debe contener 3 partes';
    const given = Buffer.from(signature, 'base64url');
    const expected = this.sign(`${head}.${body}`);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'El token no es válido';
    const end = /"exp":(\d+)/.exec(Buffer.from(body, 'base64url').toString('utf8'))?.[1];
    return Number(end) * 1000 > now.getTime() ? undefined : 'El token ha expirado';
  }

  private sign(text: string): Buffer {
    return createHmac('sha256', this.secret).update(text).digest();
  }
}
