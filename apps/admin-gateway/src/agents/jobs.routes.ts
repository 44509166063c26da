import { JOB_STATES, PRIORITIES } from '@nexora/contracts';
import { z } from 'zod';
import { MAX_LIMIT, pageOf, pageQuery } from '../http/cursor.ts';
import { defineRoute } from '../http/route-spec.ts';
import { waitsForSchema } from './waits-for.ts';

const time = z.iso.datetime({ offset: true });
const byId = z.strictObject({ id: z.uuid() });
const jobError = z.record(z.string(), z.unknown()).nullable().describe('code and sentence of the last failure');

const jobSummary = z.object({
  id: z.uuid(),
  agent: z.string(),
  kind: z.string(),
  state: z.enum(JOB_STATES),
  priority: z.enum(PRIORITIES),
  attempts: z.int(),
  runAt: time,
  createdAt: time,
  finishedAt: time.nullable(),
  error: jobError,
});

/** What narrows a listing of jobs. */
const jobFilter = {
  state: z.enum(JOB_STATES).optional(),
  agent: z.string().min(1).max(63).optional(),
  kind: z.string().min(1).max(127).optional(),
};

export const listJobs = defineRoute({
  method: 'GET',
  path: '/api/admin/agents/jobs',
  access: 'viewer',
  summary: 'Jobs, newest first',
  query: z.strictObject({
    ...jobFilter,
    q: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('An id of a job, a dedupe key, an order key, a scope or an error code'),
    ...pageQuery,
  }),
  answers: { 200: pageOf(jobSummary) },
});

export const readJob = defineRoute({
  method: 'GET',
  path: '/api/admin/agents/jobs/:id',
  access: 'viewer',
  summary: 'One job: its payload as far as it may be shown, every attempt, result, progress, log',
  params: byId,
  answers: {
    200: jobSummary.extend({
      organization: z.uuid().nullable(),
      dedupeKey: z.string().nullable(),
      orderKey: z.string().nullable(),
      scope: z.string().nullable().describe('For operators: what a hold may stop, as the RFC of the issuer'),
      waitsFor: waitsForSchema,
      startedAt: time.nullable(),
      instance: z.string().nullable().describe('Where it runs'),
      losses: z.int().describe('How often its worker was lost'),
      progress: z.object({ fraction: z.number().nullable(), phrase: z.string().nullable() }).nullable(),
      payload: z.unknown().describe('Redacted: only what its kind allows to be shown'),
      result: z.unknown(),
      trail: z
        .array(
          z.object({
            number: z.int(),
            instance: z.string().nullable(),
            startedAt: time.nullable(),
            endedAt: time,
            outcome: z.string(),
            error: z.record(z.string(), z.unknown()).nullable(),
          }),
        )
        .describe('Every attempt, oldest first'),
      log: z.array(z.object({ at: time, level: z.string(), line: z.string(), fields: z.unknown() })),
    }),
  },
  problems: ['agents.job-not-found'],
});

export const cancelJob = defineRoute({
  method: 'POST',
  path: '/api/admin/agents/jobs/:id/cancel',
  access: 'operator',
  summary: 'Cancels a job; a running one is told to stop',
  params: byId,
  answers: {
    200: z.object({ id: z.uuid(), state: z.literal('cancelled') }).describe('Cancelled'),
    202: z.object({ id: z.uuid(), state: z.literal('cancelling') }).describe('Its worker was told to stop'),
  },
  problems: ['agents.job-not-found', 'agents.job-finished'],
});

export const retryJobs = defineRoute({
  method: 'POST',
  path: '/api/admin/agents/jobs/retry',
  access: 'operator',
  summary: 'Brings dead or doubtful jobs back: by ids, or by a filter',
  body: z.union([
    z.strictObject({ ids: z.array(z.uuid()).min(1).max(MAX_LIMIT) }),
    z.strictObject({
      filter: z.strictObject({
        state: z.enum(['dead', 'in_doubt']).default('dead'),
        agent: jobFilter.agent,
        kind: jobFilter.kind,
        errorCode: z.string().min(1).max(100).optional(),
      }),
      limit: z.int().min(1).max(1_000).default(1_000),
    }),
  ]),
  answers: {
    202: z
      .object({
        retried: z.array(z.uuid()),
        refused: z.array(z.object({ id: z.uuid(), reason: z.string() })),
      })
      .describe('What was brought back, and what could not be'),
  },
  createsWork: true,
});

/** What can be retried: things by the id of their business row, and jobs by their own. */
const RETRY_KINDS = ['cfdi', 'media', 'notif', 'job'] as const;

/** A word of {@link RETRY_KINDS}. */
export type RetryKind = (typeof RETRY_KINDS)[number];

export const retryOne = defineRoute({
  method: 'POST',
  path: '/api/admin/agents/retry/:kind/:id',
  access: 'operator',
  summary: 'Retries a comprobante, a medium, a notification (by its id) or a job',
  params: z.strictObject({ kind: z.enum(RETRY_KINDS), id: z.uuid() }),
  answers: { 202: z.object({ jobId: z.uuid() }).describe('The job that does it') },
  problems: [
    'http.not-found',
    'agents.job-not-found',
    'cfdi.not-found',
    'http.conflict',
    'agents.job-running',
    'agents.job-finished',
  ],
  createsWork: true,
});
