import { CONNECTIVITY_STATES, PRIORITIES } from '@nexora/contracts';
import { z } from 'zod';
import { defineRoute } from '../http/route-spec.ts';
import { licenseStanding } from '../license/standing.ts';
import { drainSchema } from './drain.ts';

const time = z.iso.datetime({ offset: true });
const agentName = z.strictObject({
  agent: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/)
    .describe('Name of the agent, as cfdi'),
});

const connectivityAnswer = z
  .object({
    state: z.enum([...CONNECTIVITY_STATES, 'unknown']),
    since: time.nullable(),
    checkedAt: time.nullable(),
    latencyMs: z.number().nullable(),
    lastError: z.string().nullable(),
    openClasses: z.array(z.string()).describe('Classes of work that may use the Internet now'),
  })
  .describe('The line to the Internet');

const count = z.int().min(0);

const dependencies = z
  .array(z.object({ name: z.string(), status: z.enum(['up', 'down']), detail: z.string().optional() }))
  .describe('What is depended on, as the processes last told: postgres, ledger, redis, storage, internet, clock, work');

const instance = z.object({
  instance: z.string(),
  state: z
    .enum(['live', 'silent', 'lost', 'stopped'])
    .describe('silent: no heartbeat for 30 s, though nobody has declared it lost'),
  upSince: time,
  lastHeartbeat: time,
  dependencies,
  about: z.record(z.string(), z.unknown()).describe('What the process says of itself: version, host, pid, url'),
});

const agentHealth = z.object({
  agent: z.string(),
  version: z.string(),
  paused: z.boolean(),
  state: z.enum(['live', 'down', 'never-started']),
  dependencies,
  instances: z.array(instance),
  license: licenseStanding.describe('The licence as it concerns this agent'),
  schedules: z.array(
    z.object({ name: z.string(), lastRun: time.nullable(), nextRun: time.nullable(), paused: z.boolean() }),
  ),
});

export const readAgentsHealth = defineRoute({
  method: 'GET',
  path: '/api/admin/agents/health',
  access: 'viewer',
  summary:
    'Every agent: instances, heartbeats, dependencies, schedules, licence; the line to the Internet and the clock',
  answers: {
    200: z
      .object({
        agents: z.array(agentHealth),
        connectivity: connectivityAnswer,
        license: licenseStanding.describe('The licence as it concerns the house'),
        clock: z
          .object({ now: time, ok: z.boolean(), behindSeconds: z.number() })
          .describe('Clock of the house; behind what it has seen, it is wrong and what depends on time waits'),
      })
      .describe('All agents'),
  },
});

export const readQueues = defineRoute({
  method: 'GET',
  path: '/api/admin/agents/queues',
  access: 'viewer',
  summary: 'Backlog of every agent by priority',
  answers: {
    200: z
      .object({
        queues: z.array(
          z.object({
            agent: z.string(),
            priority: z.enum(PRIORITIES),
            pending: count,
            due: count,
            running: count,
            inDoubt: count,
            doneLastHour: count,
            dead: count,
            oldestAgeSeconds: z
              .number()
              .min(0)
              .nullable()
              .describe('Age of the oldest job that is due; null when none is'),
          }),
        ),
      })
      .describe('One line per agent and priority, zeros too'),
  },
});

export const pauseAgent = defineRoute({
  method: 'POST',
  path: '/api/admin/agents/:agent/pause',
  access: 'operator',
  summary: 'The agent takes no new work until it is resumed',
  params: agentName,
  answers: { 200: z.object({ agent: z.string(), paused: z.literal(true) }) },
  problems: ['http.not-found'],
});

export const resumeAgent = defineRoute({
  method: 'POST',
  path: '/api/admin/agents/:agent/resume',
  access: 'operator',
  summary: 'The agent takes work again',
  params: agentName,
  answers: { 200: z.object({ agent: z.string(), paused: z.literal(false) }) },
  problems: ['http.not-found'],
});

export const readConnectivity = defineRoute({
  method: 'GET',
  path: '/api/admin/connectivity',
  access: 'viewer',
  summary: 'The line to the Internet, as the sync agent sees it, and how far the work is that waited for it',
  answers: { 200: connectivityAnswer.extend({ drain: drainSchema }).describe('The line, and the drain') },
});
