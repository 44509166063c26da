import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ejemploDeIngreso, type Documento } from '@nexora/comprobante';
import { makeDemoIssuer } from '@nexora/sandbox-pac';
import { DemoHouse } from '@nexora/stack/demo-house';
import { Client, Pool } from 'pg';
import { buildProduct } from './build-product.ts';
import { cfdiRatios } from './cfdi/aims.ts';
import { core, type Order } from './cfdi/core.ts';
import { satcfdi, xsltproc } from './cfdi/peers.ts';
import { stamp } from './cfdi/stamping.ts';
import { describeMachine, redisVersion } from './machine.ts';
import { note, optionsOrUsage, type Options } from './options.ts';
import { printMachine, printRatios, printRows } from './print.ts';
import { Results } from './results.ts';

const OURS = 'nexora';
const NONE = { lost: 0, duplicates: 0 };
const CONCEPTOS = 5;

interface Run {
  readonly house: DemoHouse;
  readonly folder: string;
  readonly results: Results;
  readonly options: Options;
  readonly turns: number;
}

async function main(options: Options): Promise<void> {
  buildProduct();
  const folder = await mkdtemp(join(tmpdir(), 'nexora-bench-'));
  const house = await DemoHouse.take(note);
  try {
    await house.start();
    const run: Run = { house, folder, results: new Results(), options, turns: options.quick ? 1 : 3 };
    await stampings(run);
    await cores(run);
    await report(run);
  } finally {
    await house.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The whole way, beside what nothing else does: there is no peer that stamps exactly once. */
async function stampings(run: Run): Promise<void> {
  if (!run.options.wantsWorkload('stamp')) return;
  const { house, options, results } = run;
  const size = options.quick ? 100 : 600;
  const admin = new Client({ connectionString: house.databaseUrl });
  await admin.connect();
  try {
    await stamp(house, admin, sales('warm-up', size), { alone: false });
    for (let turn = 1; turn <= run.turns; turn += 1) {
      for (const [workload, alone] of [
        ['stamp', true],
        ['stamp, store and draw', false],
      ] as const) {
        const { perCpuSecond, perSecond, ...outcome } = await stamp(house, admin, sales(`${workload}-${turn}`, size), {
          alone,
        });
        for (const [unit, value] of [
          ['per CPU s', perCpuSecond],
          ['per s', perSecond],
        ] as const) {
          results.add({ workload, system: OURS, unit, value, outcome });
        }
        note(`${workload}, run ${turn}: ${perCpuSecond.toFixed(1)} per CPU s, ${perSecond.toFixed(1)} per s`);
      }
    }
  } finally {
    await admin.end();
  }
}

/** Parts of the way by themselves, each in a process of its own, in turn with the peers. */
async function cores(run: Run): Promise<void> {
  const { house, folder, options } = run;
  const seconds = options.quick ? 1 : 4;
  const { cer, key, passwordFile } = await makeDemoIssuer(house.sandboxFolder);
  const [cerBytes, keyBytes] = [readFileSync(cer), readFileSync(key)];
  const csd = {
    cer: cerBytes.toString('base64'),
    key: keyBytes.toString('base64'),
    password: readFileSync(passwordFile, 'utf8'),
  };
  const [documento] = sales('core', 1);
  if (documento === undefined) throw new Error('there is no document to measure');
  const seal: Order = { what: 'seal', seconds, documento, csd, fecha: '2026-11-21T09:30:00' };
  const xml = await stampedXml(house);
  const python = options.wantsSystem('satcfdi') ? satcfdi(folder) : { missing: 'satcfdi: not asked for' };
  const stylesheet = options.wantsSystem('xsltproc') ? xsltproc(folder) : { missing: 'xsltproc: not asked for' };
  for (const peer of [python, stylesheet]) if ('missing' in peer) note(`left out: ${peer.missing}`);
  for (let turn = 1; turn <= run.turns; turn += 1) {
    await once(run, 'seal', OURS, 'per CPU s', () => core(seal));
    if ('run' in python) await once(run, 'seal', python.name, 'per CPU s', () => python.run(seal));
    await once(run, 'cadena', OURS, 'per s', () => core({ what: 'cadena', seconds, xml }));
    if ('run' in stylesheet) await once(run, 'cadena', stylesheet.name, 'per s', () => stylesheet.run(xml, seconds));
    await once(run, 'pdf', OURS, 'per CPU s', () => core({ what: 'pdf', seconds, xml }));
    if ('run' in python) await once(run, 'pdf', python.name, 'per CPU s', () => python.run({ ...seal, what: 'pdf' }));
  }
}

/** A stamped comprobante of the house, as it was stored; one is made where there is none yet. */
async function stampedXml(house: DemoHouse): Promise<string> {
  await house.submit(sales('sample', 1));
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    const [file] = globSync('**/*.xml', { cwd: house.objects });
    if (file !== undefined) return readFileSync(join(house.objects, file), 'utf8');
    await pause(100);
  }
  throw new Error('no comprobante was stamped');
}

async function once(
  { options, results }: Run,
  workload: string,
  system: string,
  unit: string,
  measure: () => Promise<number> | number,
): Promise<void> {
  if (!options.wantsWorkload(workload) || !options.wantsSystem(system)) return;
  const value = await measure();
  results.add({ workload, system, unit, value, outcome: NONE });
  note(`${workload}: ${system}: ${value.toFixed(1)} ${unit}`);
}

/** Sales of five lines each, no two alike. */
function sales(series: string, count: number): Documento[] {
  const [line] = ejemploDeIngreso().conceptos ?? [];
  if (line === undefined) throw new Error('the example has no line');
  return Array.from({ length: count }, (_, index) => {
    const folio = `${series}-${index + 1}`.slice(-40);
    const conceptos = Array.from({ length: CONCEPTOS }, (_line, at) => ({
      ...line,
      cantidad: String(1 + ((index + at) % 9)),
    }));
    return ejemploDeIngreso({ externalId: `bench-${folio}`, serie: 'BENCH', folio, conceptos });
  });
}

async function report({ house, results, options }: Run): Promise<void> {
  const admin = new Pool({ connectionString: house.databaseUrl, max: 1 });
  const machine = await describeMachine(admin, await redisVersion(house.redisUrl));
  await admin.end();
  const rows = results.rows();
  const result = { name: 'cfdi', machine, rows, ratios: cfdiRatios(rows) };
  printMachine(machine, { conceptos: CONCEPTOS, 'PAC latency in ms': 0 });
  printRows(rows);
  printRatios(result.ratios);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
}

const options = optionsOrUsage('bench:cfdi');
if (options === null) process.exitCode = 2;
else await main(options);
