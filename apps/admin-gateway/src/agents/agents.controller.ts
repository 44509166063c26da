import { Controller } from '@nestjs/common';
import { Ledger } from '@nexora/outbox';
import { Acts } from '../http/acts.ts';
import type { Call } from '../http/call.ts';
import { iso } from '../http/iso.ts';
import { Problem } from '../http/problem.ts';
import type { RawAnswer } from '../http/raw-answer.ts';
import { Handles } from '../http/route.ts';
import type { AnswerOf, InputOf } from '../http/route-spec.ts';
import { standing, waitingKinds } from '../license/license.queries.ts';
import { standingOf } from '../license/standing.ts';
import { Postgres } from '../store/postgres.ts';
import { pauseAgent, readAgentsHealth, readConnectivity, readQueues, resumeAgent } from './agents.routes.ts';
import { dependenciesOf, dependenciesOfAll } from './dependencies.ts';
import { drainOf } from './drain.ts';
import * as ledger from './ledger.queries.ts';

/** The agents as a whole: who is alive, how much waits, stop and go. */
@Controller()
export class AgentsController {
  constructor(
    private readonly postgres: Postgres,
    private readonly acts: Acts,
  ) {}

  @Handles(readAgentsHealth)
  async health(): Promise<AnswerOf<typeof readAgentsHealth>> {
    const [alive, schedules, line, clock, license, waiting] = await Promise.all([
      ledger.alive(this.postgres),
      ledger.schedules(this.postgres),
      ledger.connectivity(this.postgres),
      ledger.houseClock(this.postgres),
      standing(this.postgres),
      waitingKinds(this.postgres),
    ]);
    const byAgent = [...Map.groupBy(alive, ({ agent }) => agent)];
    return {
      agents: byAgent.map(([agent, rows]) => ({
        ...agentHealth(agent, rows),
        license: standingOf(
          license,
          waiting.filter((one) => one.agent === agent),
        ),
        schedules: schedules.filter((row) => row.agent === agent).map(scheduleOf),
      })),
      connectivity: connectivityOf(line),
      license: standingOf(license, waiting),
      clock: { now: iso(clock.now), ok: clock.ok, behindSeconds: clock.behind_seconds },
    };
  }

  @Handles(readQueues)
  async queues(): Promise<AnswerOf<typeof readQueues>> {
    const rows = await ledger.queues(this.postgres);
    return {
      queues: rows.map(({ in_doubt, done_last_hour, oldest_age, ...row }) => ({
        ...row,
        inDoubt: in_doubt,
        doneLastHour: done_last_hour,
        oldestAgeSeconds: oldest_age,
      })),
    };
  }

  @Handles(pauseAgent)
  async pause({ params }: InputOf<typeof pauseAgent>, call: Call): Promise<RawAnswer> {
    return this.#switch(params.agent, true, call);
  }

  @Handles(resumeAgent)
  async resume({ params }: InputOf<typeof resumeAgent>, call: Call): Promise<RawAnswer> {
    return this.#switch(params.agent, false, call);
  }

  @Handles(readConnectivity)
  async connectivity(): Promise<AnswerOf<typeof readConnectivity>> {
    const [line, drain] = await Promise.all([ledger.connectivity(this.postgres), ledger.drain(this.postgres)]);
    return { ...connectivityOf(line), drain: drainOf(drain) };
  }

  async #switch(agent: string, paused: boolean, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const control = new Ledger(tx);
      const outcome = paused ? await control.pause(agent) : await control.resume(agent);
      if (outcome === 'unknown') {
        throw new Problem('http.not-found', 'There is no such agent. GET /api/admin/agents/health lists them.');
      }
      const audit = { action: paused ? 'agent.pause' : 'agent.resume', target: agent };
      return { status: 200, body: { agent, paused }, audit };
    });
  }
}

function agentHealth(agent: string, rows: readonly ledger.AliveRow[]) {
  const instances = rows.flatMap(instanceOf);
  const isLive = instances.some(({ state }) => state === 'live');
  return {
    agent,
    version: rows[0]?.version ?? '',
    paused: rows.some(({ paused }) => paused),
    state: isLive ? ('live' as const) : instances.length > 0 ? ('down' as const) : ('never-started' as const),
    dependencies: dependenciesOfAll(rows),
    instances,
  };
}

function scheduleOf({ name, last_run_at, next_run_at, paused }: ledger.ScheduleRow) {
  return { name, lastRun: iso(last_run_at), nextRun: iso(next_run_at), paused };
}

function instanceOf(row: ledger.AliveRow) {
  const { instance, state, started_at, last_beat_at } = row;
  if (instance === null || state === null || started_at === null || last_beat_at === null) return [];
  const { dependencies: _, ...about } = row.about ?? {};
  return [
    {
      instance,
      state,
      upSince: iso(started_at),
      lastHeartbeat: iso(last_beat_at),
      dependencies: dependenciesOf(row),
      about,
    },
  ];
}

function connectivityOf(row: ledger.ConnectivityRow) {
  return {
    state: row.state,
    since: iso(row.since),
    checkedAt: iso(row.checked_at),
    latencyMs: row.latency_ms,
    lastError: row.last_error,
    openClasses: row.open_classes,
  };
}
