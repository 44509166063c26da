import { Controller } from '@nestjs/common';
import { pauseSchedule as pauseIn, resumeSchedule as resumeIn, runSchedule as runIn } from '@nexora/outbox';
import { Acts } from '../http/acts.ts';
import type { Call } from '../http/call.ts';
import { iso } from '../http/iso.ts';
import { Problem } from '../http/problem.ts';
import type { RawAnswer } from '../http/raw-answer.ts';
import { Handles } from '../http/route.ts';
import type { AnswerOf, InputOf } from '../http/route-spec.ts';
import { Postgres } from '../store/postgres.ts';
import * as ledger from './ledger.queries.ts';
import { listSchedules, pauseSchedule, resumeSchedule, runSchedule } from './schedules.routes.ts';

/** What runs by itself. */
@Controller()
export class SchedulesController {
  constructor(
    private readonly postgres: Postgres,
    private readonly acts: Acts,
  ) {}

  @Handles(listSchedules)
  async list(): Promise<AnswerOf<typeof listSchedules>> {
    return { schedules: (await ledger.schedules(this.postgres)).map(schedule) };
  }

  @Handles(runSchedule)
  async run({ params: { name } }: InputOf<typeof runSchedule>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const jobId = await runIn(tx, name);
      if (jobId === null) throw unknownSchedule();
      return { status: 202, body: { jobId }, audit: { action: 'schedule.run', target: name, detail: { jobId } } };
    });
  }

  @Handles(pauseSchedule)
  async pause({ params: { name } }: InputOf<typeof pauseSchedule>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      if ((await pauseIn(tx, name)) === 'unknown') throw unknownSchedule();
      return { status: 200, body: { name, paused: true }, audit: { action: 'schedule.pause', target: name } };
    });
  }

  @Handles(resumeSchedule)
  async resume({ params: { name } }: InputOf<typeof resumeSchedule>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      if ((await resumeIn(tx, name)) === 'unknown') throw unknownSchedule();
      return { status: 200, body: { name, paused: false }, audit: { action: 'schedule.resume', target: name } };
    });
  }
}

function unknownSchedule(): Problem {
  return new Problem('http.not-found', 'There is no such schedule. GET /api/admin/agents/schedules lists them.');
}

function schedule(row: ledger.ScheduleRow) {
  const { name, agent, kind, rule, zone, paused } = row;
  const lastRun =
    row.last_run_at === null ? null : { at: iso(row.last_run_at), jobId: row.last_job, state: row.last_state };
  return {
    name,
    agent,
    kind,
    description: row.description ?? '',
    rule,
    zone,
    paused,
    lastRun,
    nextRun: iso(row.next_run_at),
  };
}
