import { hostname } from 'node:os';
import { OutsideHosts } from '@nexora/connectivity';
import { openWhenReachable, sqlState, type Database, type DatabaseSettings } from '@nexora/database';
import { Bell, Ledger, LedgerError } from '@nexora/outbox';
import {
  run,
  startNest,
  StartRefused,
  type HouseSettings,
  type RunContext,
  type Running,
  type SettingsSchema,
} from '@nexora/runtime';
import { AgentModule, Drain } from './agent.module.ts';
import type { Agent, ErasedHandler } from './define-agent.ts';
import { agentProbes } from './probes.ts';
import { DeclarationFault, resolveAgent, type ResolvedAgent } from './resolve.ts';
import { tick } from './ticking.ts';
import { pulse } from './worker/liveness.ts';
import { Worker } from './worker/worker.ts';

/** What tests may change. */
export interface AgentOptions {
  /** How many times faster than the spec heartbeats, sweeps and the watched silence run; default 1. */
  readonly pace?: number;
}

/** SQLSTATEs that say that a schema or function is missing. */
const NOT_MIGRATED = new Set(['3F000', '42883', '42P01']);
/** What closing the database may take at the end. */
const CLOSE_MS = 1_000;

/** The whole of an agent's `main.ts`: from settings to exit code. It never returns. */
export function runAgent(agent: Agent, options: AgentOptions = {}): Promise<never> {
  return run({
    name: agent.name,
    ...(agent.version === undefined ? {} : { version: agent.version }),
    settings: agent.settings,
    start: (context) => startAgent(agent, context, options),
  });
}

/** The context of a process whose own settings are known by name only. */
type AgentContext = RunContext<SettingsSchema>;

async function startAgent(agent: Agent, context: AgentContext, options: AgentOptions): Promise<Running> {
  const { telemetry, clock, signal, instance } = context;
  const settings = context.settings as HouseSettings;
  const resolved = resolve({ ...agent, version: context.version }, context.settings);
  const databaseSettings = reach(settings, context);
  const onAway = (error: unknown) => telemetry.emit('postgres-away', { error });
  const database = await openWhenReachable(databaseSettings, { signal, onAway });
  await declare(database, resolved);

  const drain = new Drain();
  const hosts = new OutsideHosts(clock, {
    opened: (host, restMs) => telemetry.emit('breaker-opened', { host, restMs }),
    closed: (host) => telemetry.emit('breaker-closed', { host }),
  });
  const nest = await startNest(
    AgentModule.of(agent, { settings, database, telemetry, clock, hosts }, drain),
    telemetry,
  );
  const bell = bellOf(settings, context);
  const worker = new Worker({
    card: {
      agent: agent.name,
      instance,
      about: { version: context.version, host: hostname(), pid: process.pid, url: context.url },
    },
    kinds: resolved.kinds.map((worked) => ({ worked, handler: nest.app.get<ErasedHandler>(worked.use) })),
    database,
    databaseSettings,
    bell,
    clock,
    telemetry,
    enabled: settings.AGENTS_ENABLED,
    pulse: pulse(options.pace),
  });
  const graceMs = settings.SHUTDOWN_GRACE_SECONDS * 1_000;
  drain.before(() => worker.stop(graceMs));
  context.health.register(...agentProbes(database, worker, () => bell.ping()));
  await worker.start();
  void tick({
    agent: agent.name,
    database,
    clock,
    telemetry,
    signal,
    takesWork: () => worker.standstill.length === 0,
    fired: (kind) => worker.wake(kind),
  });
  return {
    async stop(reason) {
      // First of all, because Nest calls `onModuleDestroy` of adapters before any other hook.
      await worker.stop(graceMs);
      await nest.stop(reason);
      await database.close(CLOSE_MS);
    },
  };
}

function resolve(agent: Agent, values: Readonly<Record<string, unknown>>): ResolvedAgent {
  try {
    return resolveAgent(agent, values);
  } catch (error) {
    if (error instanceof DeclarationFault || error instanceof RangeError) {
      throw new StartRefused(`The declaration of ${agent.name} cannot be worked: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

async function declare(database: Database, { declaration }: ResolvedAgent): Promise<void> {
  try {
    await new Ledger(database).declare(declaration);
  } catch (error) {
    if (error instanceof LedgerError) throw new StartRefused(error.message, { cause: error });
    if (NOT_MIGRATED.has(sqlState(error) ?? '')) {
      throw new StartRefused('The ledger is not in this database, or older than this version: run the migrations.', {
        cause: error,
      });
    }
    throw error;
  }
}

function reach(settings: HouseSettings, { name, telemetry }: AgentContext): DatabaseSettings {
  return {
    url: settings.DATABASE_URL,
    applicationName: `nexora ${name}`,
    poolSize: settings.DATABASE_POOL_SIZE,
    preparedStatements: settings.DATABASE_NAMED_STATEMENTS,
    onConnectionError: (error) => telemetry.emit('postgres-away', { error }),
  };
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
