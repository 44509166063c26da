import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedNodeFlags, startPostgres, startRedis } from '@nexora/embedded';
import { Pool } from 'pg';
import { buildProduct } from './build-product.ts';
import { prepareEffects } from './effect.ts';
import { describeMachine, fsyncMicros, redisVersion, versionOf } from './machine.ts';
import { note, type Options, optionsOrUsage } from './options.ts';
import { printMachine, printRatios, printRows } from './print.ts';
import { ratios, Results } from './results.ts';
import { systemsThat } from './systems/index.ts';
import type { Services, System } from './systems/system.ts';
import { crash } from './workloads/crash.ts';
import { drain, pinned } from './workloads/drain.ts';
import { paced, sustained } from './workloads/stream.ts';

const AS_THEY_COME = new Set(['graphile-worker', 'pg-boss']);
const LIMIT = 'bare updates';
interface Run {
  readonly services: Services;
  readonly admin: Pool;
  readonly results: Results;
  readonly options: Options;
}

async function main(options: Options): Promise<void> {
  buildProduct();
  const folder = await mkdtemp(join(tmpdir(), 'nexora-bench-'));
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
  const redis = await startRedis({ dir: join(folder, 'redis') });
  const admin = new Pool({ connectionString: postgres.url, max: 4 });
  try {
    const run: Run = {
      services: { databaseUrl: postgres.url, redisUrl: redis.url },
      admin,
      results: new Results(),
      options,
    };
    const chosen = await systemsThat(options.wantsSystem);
    await prepareEffects(admin);
    for (const system of chosen) await system.prepare(run.services, admin);
    await measure(run, chosen);
    await report(run, chosen, folder);
  } finally {
    await admin.end();
    await redis.stop();
    await postgres.stop('fast');
    await rm(folder, { recursive: true, force: true });
  }
}

/** All workloads, the systems in turn within each, so that a slow minute of the machine hits all of them. */
async function measure(run: Run, chosen: readonly System[]): Promise<void> {
  const { quick } = run.options;
  const seconds = quick ? 3 : 10;
  const jobs = quick ? 4_000 : 20_000;
  const tuned = chosen.filter((system) => !AS_THEY_COME.has(system.name));
  const queues = tuned.filter((system) => system.name !== LIMIT);
  await workload(run, 'drain', tuned, quick ? 1 : 5, async (system, add) => {
    const { perSecond, ...outcome } = await drain(system, run.services, run.admin, jobs);
    add('jobs/s', perSecond, outcome);
  });
  await workload(
    run,
    'drain',
    chosen.filter((system) => AS_THEY_COME.has(system.name)),
    1,
    async (system, add) => {
      const { perSecond, ...outcome } = await drain(system, run.services, run.admin, quick ? 20 : 2_000);
      add('jobs/s', perSecond, outcome);
    },
  );
  await workload(run, 'pinned', tuned, quick ? 1 : 5, async (system, add) => {
    const { perSecond, ...outcome } = await pinned(system, run.services, run.admin, jobs);
    add('jobs/s', perSecond, outcome);
  });
  await workload(run, 'sustained', queues, quick ? 1 : 3, async (system, add) => {
    const { perSecond, ...outcome } = await sustained(system, run.services, run.admin, seconds);
    add('jobs/s', perSecond, outcome);
  });
  for (const rate of [100, 1000]) {
    await workload(run, `paced ${rate}/s`, queues, 1, async (system, add) => {
      const { p50, p95, p99, ...outcome } = await paced(system, run.services, run.admin, { seconds, rate });
      add('ms p50', p50, outcome);
      add('ms p95', p95, outcome);
      add('ms p99', p99, outcome);
    });
  }
  await workload(run, 'crash', queues, 1, async (system, add) => {
    const { seconds: recovery, ...outcome } = await crash(system, run.services, run.admin);
    add('s to recovery', recovery, outcome);
  });
}

type Add = (unit: string, value: number, outcome: { lost: number; duplicates: number }) => void;

async function workload(
  run: Run,
  name: string,
  chosen: readonly System[],
  times: number,
  once: (system: System, add: Add) => Promise<void>,
): Promise<void> {
  if (!run.options.wantsWorkload(name)) return;
  for (let turn = 1; turn <= times; turn += 1) {
    // Every second turn goes backwards: a drift of the machine then favours nobody.
    const order = turn % 2 === 0 ? [...chosen].reverse() : chosen;
    for (const system of order) {
      await once(system, (unit, value, outcome) => {
        run.results.add({ workload: name, system: system.name, unit, value, outcome });
        note(
          `${name}, run ${turn} of ${times}: ${system.name}: ${value.toFixed(2)} ${unit}, lost ${outcome.lost}, duplicates ${outcome.duplicates}`,
        );
      });
    }
  }
}

async function report(run: Run, chosen: readonly System[], folder: string): Promise<void> {
  const machine = await describeMachine(run.admin, await redisVersion(run.services.redisUrl));
  const rows = run.results.rows();
  const result = { name: 'ledger', machine, rows, ratios: ratios(rows) };
  printMachine(machine, {
    'fsync of 8 kB in µs': fsyncMicros(folder),
    'graphile-worker': versionOf('graphile-worker'),
    'pg-boss': versionOf('pg-boss'),
    BullMQ: versionOf('bullmq'),
    'flags of every consumer and producer': shippedNodeFlags.filter((flag) => /^--m|^--o/.test(flag)).join(' '),
  });
  printRows(rows);
  printRatios(result.ratios);
  for (const system of chosen) process.stdout.write(`${system.name}: ${system.configuration}\n`);
  if (run.options.json !== undefined) await writeFile(run.options.json, `${JSON.stringify(result, null, 2)}\n`);
}

const options = optionsOrUsage('bench:ledger');
if (options === null) process.exitCode = 2;
else await main(options);
