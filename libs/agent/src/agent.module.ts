import type { BeforeApplicationShutdown, DynamicModule, Provider } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { OutsideHosts } from '@nexora/connectivity';
import { Database } from '@nexora/database';
import { Ledger } from '@nexora/outbox';
import { Health, Telemetry, type Clock } from '@nexora/runtime';
import type { Agent } from './define-agent.ts';
import { Ticking } from './ticking.ts';

/** Token of the values of the agent's settings (house settings included). */
export const AGENT_SETTINGS = Symbol('AGENT_SETTINGS');
/** Token of the clock of the house. */
export const CLOCK = Symbol('CLOCK');

/** What every handler and adapter of an agent may ask for in its constructor. */
export interface AgentGround {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly database: Database;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** An adapter that reaches something of its own registers a probe here. */
  readonly health: Health;
  readonly hosts: OutsideHosts;
}

/**
 * Stops the work when Nest begins to shut down: before anything that jobs use is closed, whatever the order in which
 * modules were imported.
 */
export class Drain implements BeforeApplicationShutdown {
  #drain: () => Promise<void> = () => Promise.resolve();

  /** Names what must end first. */
  before(drain: () => Promise<void>): void {
    this.#drain = drain;
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#drain();
  }
}

/** The Nest module of an agent: its handlers, its adapters, and what the house gives them. */
export class AgentModule {
  static of(agent: Agent, ground: AgentGround, drain: Drain): DynamicModule {
    const given: Provider[] = [
      { provide: AGENT_SETTINGS, useValue: ground.settings },
      { provide: CLOCK, useValue: ground.clock },
      { provide: Database, useValue: ground.database },
      { provide: Ledger, useValue: new Ledger(ground.database) },
      { provide: Telemetry, useValue: ground.telemetry },
      { provide: Health, useValue: ground.health },
      { provide: OutsideHosts, useValue: ground.hosts },
      { provide: Drain, useFactory: () => drain },
      Ticking,
    ];
    const handlers = Object.values(agent.handlers).map(({ use }) => use);
    return {
      module: AgentModule,
      imports: [ScheduleModule.forRoot()],
      providers: [...given, ...(agent.adapters ?? []), ...new Set(handlers)],
    };
  }
}
