import { z } from 'zod';
import { address, flag, oneOf, postgresUrl, wholeNumber } from './fields.ts';
import { LOG_LEVELS } from '../telemetry/levels.ts';
import { defineSettings, type SettingsOf } from './schema.ts';

/** What every process of the house reads. The names `DATABASE_URL`, `REDIS_URL`, `AGENTS_ENABLED` are the business's own. */
export const houseSettings = defineSettings({
  DATABASE_URL: {
    schema: postgresUrl(),
    secret: true,
    doc: 'Postgres of the business; the ledger lives there. A SQLAlchemy driver suffix is accepted.',
    example: 'postgresql://nexora_cfdi:password@127.0.0.1:5432/business',
  },
  DATABASE_POOL_SIZE: {
    schema: wholeNumber(2, 100),
    default: 5,
    unit: 'connections',
    doc: 'Connections that this process may hold, besides one that listens.',
    example: '5',
  },
  DATABASE_NAMED_STATEMENTS: {
    schema: flag(),
    default: true,
    doc: 'Prepared statements by name. Turn off behind a pooler that shares sessions between transactions.',
    example: 'true',
  },
  REDIS_URL: {
    schema: address(['redis', 'rediss']),
    secret: true,
    doc: 'Redis or Valkey that carries the rings. It holds no state: without it work goes on, a second later.',
    example: 'redis://:password@127.0.0.1:6379/0',
  },
  AGENTS_ENABLED: {
    schema: flag(),
    default: true,
    doc: 'With false, agents stay healthy but take no work and fire no schedule; handing over still works.',
    example: 'true',
  },
  INSTANCE_NAME: {
    schema: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/),
    default: undefined,
    doc: 'Name of this slot (supervisor) or pod, unique among live processes of an agent. When it starts again, what its predecessor left is taken up at once. Unset: host and process id.',
    example: 'cfdi-1',
  },
  INTERNAL_HOST: {
    schema: z.string().regex(/^[A-Za-z0-9.:-]+$/),
    default: '127.0.0.1',
    doc: 'Address on which health and metrics listen.',
    example: '127.0.0.1',
  },
  INTERNAL_PORT: {
    schema: wholeNumber(0, 65_535),
    default: 0,
    doc: 'Port of health and metrics; 0 takes a free one, which the start line tells.',
    example: '9101',
  },
  LOG_LEVEL: {
    schema: oneOf(LOG_LEVELS),
    default: 'info',
    doc: 'Least level of the log lines on standard output.',
    example: 'info',
  },
  SHUTDOWN_GRACE_SECONDS: {
    schema: z.coerce.number().min(0).max(600),
    default: 20,
    unit: 'seconds',
    doc: 'How long running jobs may finish after a stop signal; then they are handed back without a counted attempt.',
    example: '20',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: address(['http', 'https']),
    default: '',
    doc: 'OpenTelemetry collector (OTLP over HTTP). Unset: no traces are made.',
    example: 'http://127.0.0.1:4318',
  },
});

/** Values of the house settings. */
export type HouseSettings = SettingsOf<typeof houseSettings>;
