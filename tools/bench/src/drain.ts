import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { DemoHouse } from '@nexora/stack/demo-house';
import { Client, Pool } from 'pg';
import { buildProduct } from './build-product.ts';
import { handOver, left, rowsOf, strayStamps, unstamped, type Backlog } from './drain/backlog.ts';
import { LaterProcess } from './drain/later-process.ts';
import { Outside } from './drain/outside.ts';
import { UsageWatch, type Usage } from './drain/usage.ts';
import type { Outcome } from './effect.ts';
import { describeMachine, redisVersion } from './machine.ts';
import { rounded } from './numbers.ts';
import { note, optionsOrUsage, type Options } from './options.ts';
import { printMachine, printRatios, printRows } from './print.ts';
import { Results, type Ratio } from './results.ts';

const OURS = 'nexora';
/** How long the PAC and the others outside take for one answer, and how many are asked at once. */
const PAC = { latencyMs: 250, concurrency: 8 };
const LATER = { latencyMs: 100, concurrency: 16 };
const AIM = 1.15;
const CUT_MS = 3_000;

const WHOLE: Backlog = { stampings: 2_000, notifications: 4_000, copies: 3_999 };
const QUICK: Backlog = { stampings: 100, notifications: 200, copies: 199 };

interface Run {
  readonly house: DemoHouse;
  readonly admin: Client;
  readonly outside: Outside;
  readonly later: LaterProcess;
  readonly results: Results;
  readonly backlog: Backlog;
}

async function main(options: Options): Promise<void> {
  buildProduct();
  process.env['CFDI_CONCURRENCY'] = String(PAC.concurrency);
  const house = await DemoHouse.take(note);
  const endings: (() => Promise<unknown>)[] = [() => house.end()];
  try {
    await house.start();
    const admin = new Client({ connectionString: house.databaseUrl });
    await admin.connect();
    endings.push(() => admin.end());
    const outside = await Outside.open(LATER.latencyMs);
    endings.push(() => outside.cut());
    const later = await LaterProcess.start(house, outside.url, LATER.concurrency);
    endings.push(() => later.stop());
    const run: Run = { house, admin, outside, later, results: new Results(), backlog: options.quick ? QUICK : WHOLE };
    await workloads(run, options);
    await report(run, options);
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

async function workloads(run: Run, { quick, wantsWorkload }: Options): Promise<void> {
  await run.house.pac.pac(`delay:${PAC.latencyMs}`);
  for (let turn = 1; turn <= (quick ? 1 : 3); turn += 1) {
    if (wantsWorkload('drain')) await measured(run, 'drain', turn, []);
  }
  if (wantsWorkload('drain, cut twice')) await measured(run, 'drain, cut twice', 1, [0.2, 0.6]);
}

/**
 * Hands the backlog over without a line, gives the line back, and waits until nothing is left.
 * @param cuts Shares of the backlog at which the line is cut again.
 */
async function measured(run: Run, workload: string, turn: number, cuts: readonly number[]): Promise<void> {
  const { house, admin, outside, backlog } = run;
  outside.forget();
  const strays = await strayStamps(house, admin);
  await cut(run);
  const ids = await handOver(house, admin, backlog, `${workload.length}-${turn}`);
  const watch = new UsageWatch([...house.processes(), { name: 'later agent', pid: run.later.pid }]);
  const back = performance.now();
  await restore(run);
  const began = performance.now();
  for (const share of cuts) {
    while ((await left(admin)) > rowsOf(backlog) * (1 - share)) await pause(100);
    await cut(run);
    await pause(CUT_MS);
    await restore(run);
  }
  for (let told = 0, rest = await left(admin); rest > 0; rest = await left(admin)) {
    if (performance.now() - told > 10_000) note(`${workload}, run ${turn}: ${rest} left`);
    if (performance.now() - told > 10_000) told = performance.now();
    await pause(50);
  }
  const seconds = (performance.now() - began) / 1_000;
  const usages = watch.end();
  const { effects, duplicates } = outside.counted;
  const outcome: Outcome = {
    lost: (await unstamped(admin, ids)) + backlog.notifications + backlog.copies - effects,
    duplicates: duplicates + (await strayStamps(house, admin)) - strays,
  };
  tell(run.results, workload, { seconds, reconnection: (began - back) / 1_000, usages, outcome, backlog });
  note(`${workload}, run ${turn}: ${seconds.toFixed(1)} s, latency alone ${latencyAlone(backlog).toFixed(1)} s`);
}

interface Measured {
  readonly seconds: number;
  readonly reconnection: number;
  readonly usages: readonly Usage[];
  readonly outcome: Outcome;
  readonly backlog: Backlog;
}

function tell(results: Results, workload: string, { seconds, reconnection, usages, outcome, backlog }: Measured): void {
  const add = (system: string, unit: string, value: number) => results.add({ workload, system, unit, value, outcome });
  add(OURS, 's to drain', seconds);
  add('latency alone', 's to drain', latencyAlone(backlog));
  add(OURS, 'rows per s', rowsOf(backlog) / seconds);
  add(OURS, 's until online', reconnection);
  for (const { name, cpuSeconds, peakMegabytes } of usages) {
    add(name, 'CPU s', cpuSeconds);
    add(name, 'MB at most', peakMegabytes);
  }
}

/** Seconds that the answers of the outside take by themselves, class after class, with every slot busy. */
function latencyAlone({ stampings, notifications, copies }: Backlog): number {
  const rounds = (rows: number, { latencyMs, concurrency }: typeof PAC) =>
    (Math.ceil(rows / concurrency) * latencyMs) / 1_000;
  return rounds(stampings, PAC) + rounds(notifications, LATER) + rounds(copies, LATER);
}

async function cut({ house, outside }: Run): Promise<void> {
  await Promise.all([house.pac.internet('cut'), house.portal.internet('cut')]);
  await outside.cut();
  while (!(await house.isOffline())) await pause(50);
}

async function restore({ house, outside }: Run): Promise<void> {
  await outside.restore();
  await Promise.all([house.pac.internet('restore'), house.portal.internet('restore')]);
  while (await house.isOffline()) await pause(10);
}

async function report({ house, results, backlog }: Run, options: Options): Promise<void> {
  const admin = new Pool({ connectionString: house.databaseUrl, max: 1 });
  const machine = await describeMachine(admin, await redisVersion(house.redisUrl));
  await admin.end();
  const rows = results.rows();
  const median = (system: string) =>
    rows.find((row) => row.workload === 'drain' && row.system === system && row.unit === 's to drain')?.median;
  const [ours, alone] = [median(OURS), median('latency alone')];
  const ratios: Ratio[] =
    ours === undefined || alone === undefined
      ? []
      : [{ name: 'drain, nexora ÷ latency alone', value: rounded(ours / alone), aim: AIM, better: 'lower' }];
  printMachine(machine, {
    rows: rowsOf(backlog),
    'PAC latency in ms': PAC.latencyMs,
    'stampings at once': PAC.concurrency,
    'latency of the later classes in ms': LATER.latencyMs,
    'of them at once': LATER.concurrency,
  });
  printRows(rows);
  printRatios(ratios);
  if (options.json !== undefined)
    await writeFile(options.json, `${JSON.stringify({ name: 'drain', machine, rows, ratios }, null, 2)}\n`);
}

const options = optionsOrUsage('bench:drain');
if (options === null) process.exitCode = 2;
else await main(options);
