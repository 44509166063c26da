import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { describeSettings } from './describe.ts';
import { commaList, flag, oneOf, wholeNumber } from './fields.ts';
import { houseSettings } from './house.settings.ts';
import { loadSettings, type SettingsSource } from './load.ts';
import { renderEnvExample, renderSettingsPage } from './pages.ts';
import { defineSettings, SettingsError } from './schema.ts';

const directory = mkdtempSync(join(tmpdir(), 'nexora-settings-'));
afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

const sample = defineSettings({
  HOURS: { schema: z.coerce.number().min(0.01).max(72), default: 6, unit: 'hours', doc: 'How long.', example: '6' },
  PASS: { schema: z.string().min(8), secret: true, doc: 'Password.', example: 'correct-horse' },
  WAY: { schema: oneOf(['fast', 'safe']), default: 'safe', doc: 'How.', example: 'safe' },
  COUNT: { schema: wholeNumber(1, 9), default: 3, doc: 'How many.', example: '3' },
  LIST: { schema: commaList(), default: [], doc: 'Several.', example: 'a,b' },
  ON: { schema: flag(), default: false, doc: 'Whether.', example: 'true' },
});

const good = { PASS: 'long enough' };
const load = (source: SettingsSource) => loadSettings(sample, { ...good, ...source });
const faults = (source: SettingsSource): Record<string, string> => {
  try {
    loadSettings(sample, source);
    return {};
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return Object.fromEntries(error.mistakes.map(({ name, fault }) => [name, fault]));
  }
};

describe('loadSettings', () => {
  it('takes defaults for what is unset, empty or blank', () => {
    expect(load({ HOURS: '', WAY: '  ' })).toEqual({
      HOURS: 6,
      PASS: 'long enough',
      WAY: 'safe',
      COUNT: 3,
      LIST: [],
      ON: false,
    });
  });

  it('converts what is set', () => {
    expect(load({ HOURS: '0.5', WAY: 'FAST', COUNT: '7', LIST: 'a, b,,c', ON: 'Yes' })).toMatchObject({
      HOURS: 0.5,
      WAY: 'fast',
      COUNT: 7,
      LIST: ['a', 'b', 'c'],
      ON: true,
    });
  });

  it.each([
    ['true', true],
    ['1', true],
    ['YES', true],
    ['on', true],
    ['False', false],
    ['0', false],
    ['no', false],
    ['off', false],
  ])('reads the flag %s as %s', (text, value) => {
    expect(load({ ON: text }).ON).toBe(value);
  });

  it('tells all mistakes at once, each as a sentence with limits and unit', () => {
    expect(faults({ HOURS: '100', PASS: 'short', WAY: 'odd', COUNT: '1.5', ON: 'maybe' })).toEqual({
      HOURS: 'must be at most 72 hours',
      PASS: 'must be at least 8 characters long',
      WAY: 'must be one of fast, safe',
      COUNT: 'must be a whole number',
      ON: 'must be one of true, 1, yes, on, false, 0, no, off',
    });
    expect(faults({ ...good, HOURS: 'six' })).toEqual({ HOURS: 'must be a number' });
    expect(faults({})).toEqual({ PASS: 'is not set' });
  });

  it('shows an example for every mistake', () => {
    expect(() => loadSettings(sample, { HOURS: '0' })).toThrow(
      '2 settings are wrong:\n- HOURS must be at least 0.01 hours. For example: HOURS=6\n- PASS is not set. For example: PASS=correct-horse',
    );
  });

  it('reads NAME_FILE for every setting and cuts the line end', () => {
    expect(load({ PASS: undefined, PASS_FILE: file('pass', 'from a file\n') }).PASS).toBe('from a file');
    expect(load({ HOURS_FILE: file('hours', '2\r\n') }).HOURS).toBe(2);
    expect(load({ HOURS_FILE: file('empty', '\n') }).HOURS).toBe(6);
  });

  it('refuses a file that cannot be read without naming its path, which may be the secret itself', () => {
    const told = faults({ PASS_FILE: 'hunter2-by-mistake' });
    expect(told['PASS']).toMatch(/PASS_FILE.*ENOENT/);
    expect(JSON.stringify(told)).not.toContain('hunter2');
  });

  it('refuses a setting that is given twice', () => {
    expect(faults({ ...good, PASS_FILE: file('twice', 'x') })['PASS']).toContain('both set');
  });

  it('never repeats a value in a fault, whatever it was', () => {
    const strict = defineSettings({
      A: {
        schema: z.string().refine(() => false, { error: (issue) => `cannot be ${String(issue.input)}` }),
        doc: 'x',
        example: 'x',
      },
      B: { schema: z.coerce.number(), doc: 'x', example: '1' },
      C: { schema: z.url(), doc: 'x', example: 'http://x' },
      D: { schema: oneOf(['only']), doc: 'x', example: 'only' },
    });
    fc.assert(
      fc.property(
        fc.string({ minLength: 9 }).filter((text) => text.trim() !== '' && Number.isNaN(Number(text))),
        (text) => {
          const hostile = `<${text}>`;
          expect(() => loadSettings(strict, { A: hostile, B: hostile, C: hostile, D: hostile })).toThrow(
            expect.objectContaining({ message: expect.not.stringContaining(hostile) }),
          );
        },
      ),
    );
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(load({}))).toBe(true);
  });
});

describe('defineSettings', () => {
  const text = { schema: z.string(), doc: 'x', example: 'x' };

  it('refuses names that no environment has, and pairs that cannot be told apart', () => {
    expect(() => defineSettings({ lower: text })).toThrow(/lower/);
    expect(() => defineSettings({ TLS_KEY: text, TLS_KEY_FILE: text })).toThrow(/TLS_KEY_FILE/);
    expect(() => defineSettings({ TLS_KEY_FILE: text })).not.toThrow();
  });

  it('refuses a coerced boolean, which would read false as true', () => {
    expect(() => defineSettings({ X: { schema: z.coerce.boolean(), doc: 'x', example: 'true' } })).toThrow(/flag\(\)/);
  });
});

describe('the house settings', () => {
  const least = { DATABASE_URL: 'postgresql://u:p@h:5432/d', REDIS_URL: 'redis://h' };

  it('have the names and defaults that the business relies on', () => {
    expect(loadSettings(houseSettings, least)).toEqual({
      ...least,
      DATABASE_POOL_SIZE: 5,
      DATABASE_NAMED_STATEMENTS: true,
      AGENTS_ENABLED: true,
      INSTANCE_NAME: undefined,
      INTERNAL_HOST: '127.0.0.1',
      INTERNAL_PORT: 0,
      LOG_LEVEL: 'info',
      SHUTDOWN_GRACE_SECONDS: 20,
      OTEL_EXPORTER_OTLP_ENDPOINT: '',
    });
  });

  it.each([
    ['postgresql+psycopg2://u:p@h/d', 'postgresql://u:p@h/d'],
    ['postgres+asyncpg://u:p@h/d?sslmode=require', 'postgres://u:p@h/d?sslmode=require'],
    ['postgresql:///d?host=/var/run/postgresql', 'postgresql:///d?host=/var/run/postgresql'],
  ])('accept %s', (url, driver) => {
    expect(loadSettings(houseSettings, { ...least, DATABASE_URL: url }).DATABASE_URL).toBe(driver);
  });

  it.each(['mysql://u:p@h/d', 'postgresql://h', 'postgresql+psycopg2://u:p@ss/w#rd@h/d:x', 'hunter2'])(
    'refuse the database %s without repeating it',
    (url) => {
      expect(() => loadSettings(houseSettings, { ...least, DATABASE_URL: url })).toThrow(
        /DATABASE_URL must be an address like/,
      );
    },
  );

  it('are all described, and show no default of a secret', () => {
    const rows = describeSettings(houseSettings);
    expect(rows.find(({ name }) => name === 'DATABASE_URL')).toMatchObject({
      required: true,
      secret: true,
      default: '',
    });
    expect(rows.find(({ name }) => name === 'AGENTS_ENABLED')).toMatchObject({
      default: 'true',
      range: 'true or false',
    });
    expect(rows.find(({ name }) => name === 'INTERNAL_PORT')).toMatchObject({ range: '0 to 65535', default: '0' });
    expect(rows.find(({ name }) => name === 'LOG_LEVEL')).toMatchObject({ range: 'debug, info, warn, error' });
  });

  it.each(describeSettings(houseSettings))('give an example for $name that they accept', ({ name, example }) => {
    expect(() => loadSettings(houseSettings, { ...least, [name]: example })).not.toThrow();
  });
});

describe('the generated pages', () => {
  const sections = [
    { title: 'First', schema: sample },
    {
      title: 'Second',
      schema: defineSettings({ HOURS: sample.HOURS, NEW: { schema: z.string(), doc: 'New.', example: 'x' } }),
    },
  ];

  it('write an .env.example that sets nothing as it stands', () => {
    expect(parseEnv(renderEnvExample(sections))).toEqual({});
  });

  it('write an .env.example whose values are accepted once the # is taken away', () => {
    const text = renderEnvExample(sections);
    expect(text).toContain('# How long. (0.01 to 72 hours)\n#HOURS=6\n');
    const source = parseEnv(text.replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
    expect(source).toMatchObject({ HOURS: '6', PASS: 'correct-horse' });
    expect(() => loadSettings(sample, source)).not.toThrow();
  });

  it('name every setting once, in the first section that has it', () => {
    const page = renderSettingsPage(sections);
    expect(page.match(/`HOURS`/g)).toHaveLength(1);
    expect(page).toContain('| `HOURS` | `6` | 0.01 to 72 hours | How long. Example: `6` |');
    expect(page).toContain('| `PASS` | required |  | Password. **Secret.** Example: `correct-horse` |');
  });
});
