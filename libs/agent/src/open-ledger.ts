import { DatabaseAway, openWhenReachable, sqlState, type Database, type DatabaseSettings } from '@nexora/database';
import { Ledger, LedgerError } from '@nexora/outbox';
import { StartRefused, type HouseSettings, type RunContext, type SettingsSchema } from '@nexora/runtime';
import type { Agent } from './define-agent.ts';
import { pause } from './loops.ts';
import { DeclarationFault, resolveAgent, type ResolvedAgent } from './resolve.ts';

/** SQLSTATEs that say that a schema or function is missing. */
const NOT_MIGRATED = new Set(['3F000', '42883', '42P01']);
/** Postgres that went away between the connection and the first word is sought again after this. */
const AGAIN_MS = 1_000;

/** The context of a process whose own settings are known by name only. */
export type AgentContext = RunContext<SettingsSchema>;

/**
 * Reads the declaration with the settings of this process.
 * @throws StartRefused with a sentence when it contradicts itself.
 */
export function resolveOrRefuse(agent: Agent, values: Readonly<Record<string, unknown>>): ResolvedAgent {
  try {
    return resolveAgent(agent, values);
  } catch (error) {
    if (error instanceof DeclarationFault || error instanceof RangeError) {
      throw new StartRefused(`The declaration of ${agent.name} cannot be worked: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/**
 * Connects to Postgres, however long that takes, and tells the ledger what this agent works.
 * @throws StartRefused when ledger and declaration disagree.
 */
export async function openLedger(context: AgentContext, resolved: ResolvedAgent): Promise<Database> {
  const { signal, telemetry, clock } = context;
  const onAway = (error: unknown) => telemetry.emit('postgres-away', { error });
  const settings = reach(context.settings as HouseSettings, context);
  for (;;) {
    const database = await openWhenReachable(settings, { signal, onAway });
    try {
      await declare(database, resolved);
      return database;
    } catch (error) {
      await database.close(0);
      if (!(error instanceof DatabaseAway)) throw error;
      onAway(error);
      await pause(clock, AGAIN_MS, signal);
    }
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

/** How an agent reaches Postgres. */
export function reach(settings: HouseSettings, { name, telemetry }: AgentContext): DatabaseSettings {
  return {
    url: settings.DATABASE_URL,
    applicationName: `nexora ${name}`,
    poolSize: settings.DATABASE_POOL_SIZE,
    preparedStatements: settings.DATABASE_NAMED_STATEMENTS,
    onConnectionError: (error) => telemetry.emit('postgres-away', { error }),
  };
}
