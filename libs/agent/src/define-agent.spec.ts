import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';

/** The declaration of STYLE §3.4 in small; each spoilt variant replaces one line of it. */
const DECLARATION = `
import { z } from 'zod';
import { defineKind } from '@nexora/contracts';
import { defineSettings } from '@nexora/runtime';
import { defineAgent, setting } from './define-agent.ts';
import type { Handler, Job } from './job.ts';

const kinds = {
  stamp: defineKind({ name: 'sample.stamp', payload: z.object({ comprobanteId: z.string() }), result: z.object({ uuid: z.string() }) }),
  settle: defineKind({ name: 'sample.settle', payload: z.object({ limit: z.number() }), result: z.object({ settled: z.number() }) }),
};
type Kinds = typeof kinds;
const settings = defineSettings({
  SAMPLE_RETRY_MAX_HOURS: { schema: z.coerce.number(), default: 6, unit: 'hours', doc: 'Longest wait.', example: '6' },
});

class Store {}
class StampHandler implements Handler<Kinds['stamp']> {
  constructor(readonly store: Store) {}
  async handle(job: Job<Kinds['stamp']>) { return { uuid: job.payload.comprobanteId }; }
}
class SettleHandler implements Handler<Kinds['settle']> {
  async handle(job: Job<Kinds['settle']>) { return { settled: job.payload.limit }; }
}
class WrongResult {
  async handle(_job: Job<Kinds['settle']>) { return { settled: 'many' }; }
}

export const agent = defineAgent({
  name: 'sample',
  settings,
  kinds,
  handlers: {
    stamp: { use: StampHandler, retry: { first: '1m', factor: 2, ceiling: setting('SAMPLE_RETRY_MAX_HOURS') }, concurrency: 4, timeout: '45s' },
    settle: { use: SettleHandler, retry: 'short', timeout: '2m' },
  },
  schedules: [
    { name: 'settle-some', every: '2m', run: 'settle', payload: { limit: 5 }, missed: 'one' },
    { name: 'settle-all', cron: '*/10 * * * *', zone: 'America/Mexico_City', run: 'settle', payload: { limit: 50 } },
  ],
  subscriptions: { 'comprobante.listo': 'stamp' },
  adapters: [Store],
});
void WrongResult;
`;

const SETTLE = `settle: { use: SettleHandler, retry: 'short', timeout: '2m' },`;

const SPOILT: Record<string, [line: string, instead: string]> = {
  'a handler is missing': [SETTLE, ''],
  'a handler has no kind': [SETTLE, `${SETTLE} extra: { use: SettleHandler, timeout: '2m' },`],
  'a handler is of another kind': [SETTLE, `settle: { use: StampHandler, timeout: '2m' },`],
  'a handler has another result': [SETTLE, `settle: { use: WrongResult, timeout: '2m' },`],
  "a schedule's payload is not that of its kind": ['payload: { limit: 5 }', `payload: { comprobanteId: 'x' }`],
  'a duration has no unit that we know': [`timeout: '45s'`, `timeout: '2 minutes'`],
  'a setting is none of the agent': [`setting('SAMPLE_RETRY_MAX_HOURS')`, `setting('ANOTHER_HOURS')`],
  'a schedule runs no kind': [`every: '2m', run: 'settle'`, `every: '2m', run: 'nothing'`],
  'a subscription leads to no kind': [`'comprobante.listo': 'stamp'`, `'comprobante.listo': 'print'`],
  'a subscription is to no event of the house': [`'comprobante.listo': 'stamp'`, `'comprobante.lsto': 'stamp'`],
  "a subscription's kind does not take the event's payload": [
    `'comprobante.listo': 'stamp'`,
    `'comprobante.listo': 'settle'`,
  ],
  'a cron line has no zone': [`zone: 'America/Mexico_City', run`, 'run'],
};

const here = import.meta.dirname;
const fileOf = (name: string) => join(here, `variant-${name.replaceAll(/[^a-z]/g, '-')}.ts`);

function spoil([line, instead]: [string, string]): string {
  if (DECLARATION.split(line).length !== 2) throw new Error(`"${line}" must stand once in the declaration`);
  return DECLARATION.replace(line, instead);
}

/** Type-checks all variants in one program; none of them exists on disk. */
function check(sources: ReadonlyMap<string, string>): (file: string) => string[] {
  const root = join(here, '../../..');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root, { noUnusedLocals: false });
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  const program = ts.createProgram([...sources.keys()], options, host);
  return (file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('declaring an agent', () => {
  let errorsIn: (file: string) => string[];

  beforeAll(() => {
    const variants = Object.entries(SPOILT).map(([name, change]) => [fileOf(name), spoil(change)] as const);
    errorsIn = check(new Map([[fileOf('whole'), DECLARATION], ...variants]));
  }, 120_000);

  it('compiles when kinds, handlers, schedules and settings fit', () => {
    expect(errorsIn(fileOf('whole'))).toEqual([]);
  });

  it.each(Object.keys(SPOILT))('gives one compiler error when %s', (name) => {
    expect(errorsIn(fileOf(name))).toHaveLength(1);
  });
});
