import { describe, expect, it } from '@jest/globals';
import { parseJsonBody } from './json-body.ts';
import { MAX_JSONB_BYTES } from './jsonb-size.ts';
import { Problem } from './problem.ts';

function refusalOf(body: string | Buffer): Problem {
  try {
    parseJsonBody(Buffer.from(body as string));
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('the body was taken');
}

describe('parseJsonBody', () => {
  it('reads JSON in UTF-8, with or without a byte order mark', () => {
    expect(parseJsonBody(Buffer.from('{"a":"ñ"}'))).toEqual({ a: 'ñ' });
    expect(parseJsonBody(Buffer.from('\ufeff{"a":1}'))).toEqual({ a: 1 });
  });

  it('takes an empty body for no body', () => {
    expect(parseJsonBody(Buffer.alloc(0))).toBeUndefined();
  });

  it('names the place in broken JSON where it is known and repeats nothing of it', () => {
    const refusal = refusalOf('{\n  "nombre": "secreto" 1 }');
    expect(refusal.status).toBe(400);
    expect(refusal.message).toContain('line 2, column 23');
    expect(refusalOf('{ "nombre": secreto }').message).not.toContain('secreto');
  });

  it.each([['Latin-1', Buffer.from([0x22, 0xf1, 0x22])]])('refuses %s with 400', (_name, bytes) => {
    expect(refusalOf(bytes).status).toBe(400);
  });

  it('refuses a body of a hundred thousand brackets with 400 and no stack overflow', () => {
    expect(refusalOf('['.repeat(100_000) + ']'.repeat(100_000)).status).toBe(400);
    expect(refusalOf('{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000)).status).toBe(400);
  });

  it('refuses U+0000 and half a surrogate pair with 422 and the path of each', () => {
    const refusal = refusalOf('{"a":{"b":["x","\\u0000"]},"c":"\\ud800"}');
    expect(refusal.status).toBe(422);
    expect(refusal.errors?.map(({ path }) => path).sort()).toEqual(['a.b[1]', 'c']);
  });

  it.each(['{"__proto__":{"a":1}}', '{"\\u0000":1}', '{"a":{"\\udfff":1}}'])(
    'refuses the field name in %s with 400',
    (body) => {
      expect(refusalOf(body).status).toBe(400);
    },
  );

  it('refuses more than the ledger takes with 413, however it is escaped', () => {
    const most = 'x'.repeat(MAX_JSONB_BYTES - 2);
    expect(parseJsonBody(Buffer.from(JSON.stringify(most)))).toBe(most);
    expect(refusalOf(JSON.stringify(`${most}x`)).status).toBe(413);
    const escaped = `"${'\\u0041'.repeat(100_000)}"`;
    expect(parseJsonBody(Buffer.from(escaped))).toBe('A'.repeat(100_000));
  });

  it('takes more for a comprobante of many lines, and no more than their number explains', () => {
    const conceptos = Array.from({ length: 2_000 }, () => ({ descripcion: 'x'.repeat(1_000) }));
    expect(parseJsonBody(Buffer.from(JSON.stringify({ conceptos })))).toEqual({ conceptos });
    const pagos = [{ doctosRelacionados: Array.from({ length: 2_000 }, () => ({ serie: 'x'.repeat(1_000) })) }];
    expect(parseJsonBody(Buffer.from(JSON.stringify({ pagos })))).toEqual({ pagos });
    expect(refusalOf(JSON.stringify({ conceptos: [{}], addenda: 'x'.repeat(MAX_JSONB_BYTES + 4_096) })).status).toBe(
      413,
    );
  });

  it.each([
    ['empty objects', '{},'],
    ['empty lists', '[],'],
    ['figures', '1,'],
  ])('refuses half a million %s with 413 before it reads them', (_what, item) => {
    expect(refusalOf(`[${item.repeat(500_000)}1]`).status).toBe(413);
  });
});
