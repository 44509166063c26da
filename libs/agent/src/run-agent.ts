import { hostname } from 'node:os';
import type { INestApplicationContext } from '@nestjs/common';
import { OutsideHosts } from '@nexora/connectivity';
import type { Database } from '@nexora/database';
import { Bell } from '@nexora/outbox';
import { HOUSE_VERSION, run, type HouseSettings, type Running } from '@nexora/runtime';
import { AgentModule, Drain } from './agent.module.ts';
import type { Agent, ErasedHandler } from './define-agent.ts';
import { measure } from './measuring.ts';
import { openLedger, reach, resolveOrRefuse, type AgentContext } from './open-ledger.ts';
import { agentProbes } from './probes.ts';
import type { ResolvedAgent } from './resolve.ts';
import { startModule } from './start-module.ts';
import { tellHealth } from './telling.ts';
import { Ticking } from './ticking.ts';
import { pulse } from './worker/liveness.ts';
import { Worker } from './worker/worker.ts';

/** What tests may change. */
export interface AgentOptions {
  /** How many times faster than the spec heartbeats, sweeps and the watched silence run; default 1. */
  readonly pace?: number;
}

/** What closing the database may take at the end. */
const CLOSE_MS = 1_000;

/** The whole of an agent's `main.ts`: from settings to exit code. It never returns. */
export function runAgent(agent: Agent, options: AgentOptions = {}): Promise<never> {
  return run({
    name: agent.name,
    version: agent.version ?? HOUSE_VERSION,
    settings: agent.settings,
    start: (context) => startAgent(agent, context, options),
  });
}

async function startAgent(agent: Agent, context: AgentContext, options: AgentOptions): Promise<Running> {
  const { telemetry, clock } = context;
  const resolved = resolveOrRefuse({ ...agent, version: context.version }, context.settings);
  const database = await openLedger(context, resolved);
  const drain = new Drain();
  const { settings, health } = context;
  const ground = { settings, database, telemetry, clock, health, hosts: outsideHosts(context) };
  const nest = await startModule(agent, AgentModule.of(agent, ground, drain), telemetry);
  const worker = workerOf(agent, resolved, { context, options, database, app: nest.app });
  const graceMs = (context.settings as HouseSettings).SHUTDOWN_GRACE_SECONDS * 1_000;
  drain.before(() => worker.stop(graceMs));
  await worker.start();
  accompany(agent, resolved, { context, options, database, app: nest.app, worker });
  return {
    async stop(reason) {
      // First of all, because Nest calls `onModuleDestroy` of adapters before any other hook.
      await worker.stop(graceMs);
      await nest.stop(reason);
      await database.close(CLOSE_MS);
    },
  };
}

/** What goes on beside the work: schedules, gauges, word of what is reached. */
function accompany(
  agent: Agent,
  { kinds, declaration }: ResolvedAgent,
  { context, options, database, app, worker }: WorkerGround & { readonly worker: Worker },
): void {
  const { telemetry, clock, signal, health } = context;
  const names = kinds.map(({ kind }) => kind.name);
  telemetry.expect({ kind: names, schedule: (declaration.schedules ?? []).map(({ name }) => name) });
  const common = { agent: agent.name, database, clock, telemetry, signal };
  const takesWork = () => worker.standstill.length === 0;
  app.get(Ticking).begin({ ...common, takesWork, fired: (kind) => worker.wake(kind) });
  void tellHealth({ ...common, health, pace: options.pace, incarnation: () => worker.incarnation });
  void measure({ ...common, kinds: names, running: (kind) => worker.runningOf(kind) });
}

interface WorkerGround {
  readonly context: AgentContext;
  readonly options: AgentOptions;
  readonly database: Database;
  readonly app: INestApplicationContext;
}

function workerOf(agent: Agent, { kinds }: ResolvedAgent, { context, options, database, app }: WorkerGround): Worker {
  const { telemetry, clock, instance, version, url } = context;
  const settings = context.settings as HouseSettings;
  const enabled = settings.AGENTS_ENABLED;
  const bell = bellOf(settings, context);
  // The audit of the ledger tells by them whether rows wait for a slot or were overlooked.
  const slots = Object.fromEntries(kinds.map(({ kind, concurrency }) => [kind.name, concurrency]));
  const worker = new Worker({
    card: { agent: agent.name, instance, about: { version, host: hostname(), pid: process.pid, url, enabled, slots } },
    kinds: kinds.map((worked) => ({ worked, handler: app.get<ErasedHandler>(worked.use) })),
    database,
    databaseSettings: reach(settings, context),
    bell,
    clock,
    telemetry,
    enabled,
    lineReturned: () => app.get(OutsideHosts).lineReturned(),
    pulse: pulse(options.pace),
  });
  context.health.register(...agentProbes(database, worker, () => bell.ping()));
  return worker;
}

function outsideHosts({ clock, telemetry }: AgentContext): OutsideHosts {
  return new OutsideHosts(clock, {
    opened: (host, restMs) => telemetry.emit('breaker-opened', { host, restMs }),
    closed: (host) => telemetry.emit('breaker-closed', { host }),
  });
}

function bellOf(settings: HouseSettings, { telemetry }: AgentContext): Bell {
  return new Bell({
    connection: settings.REDIS_URL,
    onEvent: (event) => {
      if (event.name === 'ring-failed') telemetry.emit('ring-failed', { kind: event.kind, error: event.error });
      else telemetry.emit('redis-away', { error: event.error });
    },
  });
}
