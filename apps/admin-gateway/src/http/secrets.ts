import { scrypt } from 'node:crypto';

/** 32 MiB and some 50 ms for each guess; the password of a key is often a word. */
const COST = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const BYTES = 32;

/**
 * The body with its secret fields as one slow hash in place of them: equal for equal bodies under the same salt, and of
 * no use to whoever would like to know them.
 * @param salt what tells this request from every other, no secret itself.
 */
export async function withoutSecrets(body: unknown, fields: readonly string[], salt: string): Promise<unknown> {
  if (fields.length === 0 || typeof body !== 'object' || body === null) return body;
  const entries = Object.entries(body);
  const secret = fields.map((field): unknown => Reflect.get(body, field) ?? null);
  const open = Object.fromEntries(entries.filter(([field]) => !fields.includes(field)));
  return { ...open, secrets: (await slowHash(JSON.stringify(secret), salt)).toString('hex') };
}

function slowHash(text: string, salt: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(text, salt, BYTES, COST, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  });
}
