import { JOB_STATES } from '@nexora/contracts';
import { z } from 'zod';
import { defineRoute } from '../http/route-spec.ts';

const time = z.iso.datetime({ offset: true });
const byName = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9.-]{0,126}$/)
    .describe('Name of the schedule'),
});

export const listSchedules = defineRoute({
  method: 'GET',
  path: '/api/admin/agents/schedules',
  access: 'viewer',
  summary: 'What runs by itself, when it last ran and runs next',
  answers: {
    200: z
      .object({
        schedules: z.array(
          z.object({
            name: z.string(),
            agent: z.string(),
            kind: z.string(),
            description: z.string().describe('A sentence a person reads'),
            rule: z.string().describe('Cron line, or every so often'),
            zone: z.string(),
            paused: z.boolean(),
            lastRun: z
              .object({ at: time, jobId: z.uuid().nullable(), state: z.enum(JOB_STATES).nullable() })
              .nullable(),
            nextRun: time.nullable(),
          }),
        ),
      })
      .describe('All schedules'),
  },
});

export const runSchedule = defineRoute({
  method: 'POST',
  path: '/api/admin/agents/schedules/:name/run',
  access: 'operator',
  summary: 'Runs a schedule once, now',
  params: byName,
  answers: { 202: z.object({ jobId: z.uuid() }).describe('The job that runs it') },
  problems: ['http.not-found'],
  createsWork: true,
});

export const pauseSchedule = defineRoute({
  method: 'POST',
  path: '/api/admin/agents/schedules/:name/pause',
  access: 'operator',
  summary: 'The schedule fires no more until it is resumed',
  params: byName,
  answers: { 200: z.object({ name: z.string(), paused: z.literal(true) }) },
  problems: ['http.not-found'],
});

export const resumeSchedule = defineRoute({
  method: 'POST',
  path: '/api/admin/agents/schedules/:name/resume',
  access: 'operator',
  summary: 'The schedule fires again from its next slot on',
  params: byName,
  answers: { 200: z.object({ name: z.string(), paused: z.literal(false) }) },
  problems: ['http.not-found'],
});
