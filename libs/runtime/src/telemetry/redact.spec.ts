import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isGuardedKey, LONGEST_TEXT, REDACTED, redactText } from './patterns.ts';
import { redact } from './redact.ts';

const letters = 'ABCDEFGHIJKLMNÑOPQRSTUVWXYZ&';
const alnum = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const some = (alphabet: string, min: number, max = min) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: min, maxLength: max });
const two = (from: number, to: number) => fc.integer({ min: from, max: to }).map((n) => String(n).padStart(2, '0'));

const rfc = fc
  .tuple(some(letters, 3, 4), two(0, 99), two(1, 12), two(1, 28), some(alnum, 3))
  .map((parts) => parts.join(''));
const email = fc.emailAddress({ size: 'small' }).filter((address) => /^[\w.+-]+@/.test(address));
const digits = (n: number) => some('0123456789', n);
const phone = fc
  .tuple(
    digits(2),
    digits(4),
    digits(4),
    fc.constantFrom(' ', '-', '.', ''),
    fc.constantFrom('', '52', '+52', '521', '+52 1 '),
  )
  .map(
    ([area, first, second, gap, country]) =>
      `${country}${country === '' ? '' : ' '}${area}${gap}${first}${gap}${second}`,
  );
const secret = some('abcdefghijkmnopqrstuvwxyzABCDEFGH0123456789-_.~', 8, 40).map((text) => `s${text}`);
const pem = some(`${alnum}+/`, 40, 200).map(
  (body) => `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${body}\n-----END ENCRYPTED PRIVATE KEY-----`,
);

/** Words as a sentence has them around a datum: they end before it and begin after it. */
const before = fc.constantFrom('', 'receptor ', 'for ', '"', '(', 'value: ', '{"a":"', 'a=', 'x/', 'año ', '\n', '…');
const after = fc.constantFrom('', ' failed', '"', ')', ', next', '","b":1}', '.', '/x', '\n', ' ñ');
const within = (datum: fc.Arbitrary<string>) =>
  fc.tuple(before, datum, after).map(([left, middle, right]) => ({ text: `${left}${middle}${right}`, datum: middle }));

describe('redactText', () => {
  it.each([
    ['an RFC of a company or a person', rfc],
    ['an RFC in small letters', rfc.map((text) => text.toLowerCase())],
    ['an e-mail address', email],
    ['a telephone number', phone],
    ['a PEM block', pem],
  ])('lets no part of %s through, wherever it stands', (_what, datum) => {
    fc.assert(
      fc.property(within(datum), ({ text, datum: found }) => {
        const told = redactText(text);
        for (let at = 0; at + 6 <= found.length; at += 1) expect(told).not.toContain(found.slice(at, at + 6));
        expect(told).toContain(REDACTED);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['password=%'],
    ['PAC_PASS=%'],
    ['"token":"%"'],
    ['{"apiKey": "%"}'],
    ["secret: '%'"],
    ['Authorization: Bearer %'],
    ['bearer %'],
    ['key=%'],
    ['S3_SECRET_KEY => %'],
    ['{\\"password\\":\\"%\\"}'],
    ['https://host/path?access_token=%&x=1'],
    ['postgresql://nexora:%@127.0.0.1:5432/business'],
    ['redis://:%@127.0.0.1:6379/0'],
    ['contraseña: %'],
  ])('hides the secret in %s', (form) => {
    fc.assert(
      fc.property(secret, (value) => {
        expect(redactText(`before ${form.replace('%', value)} after`)).not.toContain(value);
      }),
    );
  });

  it.each([
    ['a UUID', 'job 0192f0c1-7b1a-7e1a-8f1a-0192f0c17b1a'],
    ['a UUID whose end looks like an RFC', '0192f0c1-7b1a-7e1a-8f1a-abc123456def'],
    ['a time', 'at 2026-11-21T10:42:07.123Z, then 2026-11-21 10:42:07'],
    ['an address and its port', 'connect ECONNREFUSED 127.0.0.1:5432 and 192.168.100.200'],
    ['a hash', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['a version and a duration', 'postgres 15.18 took 1234.567 ms'],
    ['a stack frame', 'at file:///srv/app/node_modules/@nestjs/core/router.js:12:34'],
    ['an ordinary address', 'GET https://pac.example/v4/cfdi33/stamp/v4 answered 500'],
    ['a kind and its state', 'cfdi.stamp pending: 37 rows'],
  ])('leaves %s alone', (_what, text) => {
    expect(redactText(text)).toBe(text);
  });

  it.each(['MORA&900317AB1', 'MUÑOZ', 'xEKU9003173C9y', 'EKU-900317-3C9', 'EKU 900317 3C9', 'PEGJ800101HDFRNN09'])(
    'knows the uncommon spelling %s when it is one',
    (text) => {
      const told = redactText(`(${text})`);
      expect(told.includes('900317') || told.includes('800101')).toBe(false);
    },
  );

  it('cuts a long text, and what it cuts never brings half a secret to light', () => {
    const told = redactText(`${'a'.repeat(LONGEST_TEXT - 5)} EKU9003173C9 ${'b'.repeat(200_000)}`);
    expect(told.length).toBeLessThanOrEqual(LONGEST_TEXT + 1);
    expect(told).not.toMatch(/EKU9/);
  });

  it('takes a time in proportion to the text, also for a hostile one', () => {
    const begin = performance.now();
    for (const unit of ['a', '@', '1', '1 ', 'password', '="', '(55) ', 'a@', '-----BEGIN A-----', 'eyJaaaaaa.']) {
      redactText(unit.repeat(Math.ceil(60_000 / unit.length)));
    }
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

describe('redact', () => {
  const anyShape = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant('EKU9003173C9'),
      fc.string(),
      fc.double(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
      fc.tuple(fc.string(), tie('value')).map(([message, cause]) => new Error(`${message} EKU9003173C9`, { cause })),
      fc.tuple(tie('value'), tie('value')).map((errors) => new AggregateError(errors, 'several of ana@example.mx')),
    ),
  })).value;

  it('turns whatever is thrown into plain JSON without personal data, nested causes too', () => {
    fc.assert(
      fc.property(anyShape, (value) => {
        const text = JSON.stringify(redact(value));
        expect(text).not.toContain('EKU9003173C9');
        expect(text).not.toContain('ana@example.mx');
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    'password',
    'pacPassword',
    'PAC_PASS',
    'api_key',
    'accessKey',
    'S3_SECRET_KEY',
    'authorization',
    'set-cookie',
    'rfc',
    'receptorRfc',
    'customer_email',
    'telefono',
    'payload',
    'key',
  ])('hides whatever stands under the name %s', (name) => {
    expect(isGuardedKey(name)).toBe(true);
    expect(redact({ [name]: { deep: ['Juan Pérez', 42] } })).toEqual({ [name]: REDACTED });
  });

  it.each(['kind', 'job', 'code', 'monkey', 'passed', 'status', 'compass_point', 'keyspace', 'dedupe'])(
    'shows what stands under the name %s',
    (name) => {
      expect(redact({ [name]: 7 })).toEqual({ [name]: 7 });
    },
  );

  it('keeps of an error its class, code and place, and not the values that Postgres quotes', () => {
    const error = Object.assign(new Error('duplicate key value violates unique constraint "comprobante_folio"'), {
      code: '23505',
      detail: 'Key (nombre)=(JUAN PEREZ) already exists.',
      where: 'PL/pgSQL function with JUAN PEREZ',
      query: 'INSERT …',
      parameters: ['JUAN PEREZ'],
      constraint: 'comprobante_folio',
    });
    const told = redact(error);
    expect(told).toMatchObject({ type: 'Error', code: '23505', constraint: 'comprobante_folio' });
    expect(JSON.stringify(told)).not.toContain('JUAN');
  });

  it('empties the quotes of errors that repeat what they could not read', () => {
    const uuid = Object.assign(new Error('invalid input syntax for type uuid: "JUAN PEREZ"'), { code: '22P02' });
    expect(JSON.stringify(redact(uuid))).not.toContain('JUAN');
    try {
      JSON.parse('JUAN PEREZ');
    } catch (error) {
      expect(JSON.stringify(redact(error))).not.toContain('JUAN');
    }
  });

  it('shows the frames of a stack, not the message in front of them', () => {
    const told = redact(new Error('two\nlines with ana@example.mx')) as { stack: string };
    expect(told.stack.split('\n').every((line) => line.startsWith('at '))).toBe(true);
  });

  it('survives what cannot be shown: cycles, getters that throw, binary data, depth', () => {
    const cycle: Record<string, unknown> = { bytes: Buffer.alloc(3), list: new Set([1n]), map: new Map([['a', 1]]) };
    cycle['self'] = cycle;
    Object.defineProperty(cycle, 'trap', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(redact(cycle)).toEqual({
      bytes: '[3 bytes]',
      list: ['1'],
      map: { a: 1 },
      self: '[circular]',
      trap: '[unreadable]',
    });
    const deep = Array.from({ length: 50 }).reduce<unknown>((inner) => ({ inner }), 'end');
    expect(JSON.stringify(redact(deep))).toContain('[deeper]');
  });
});
