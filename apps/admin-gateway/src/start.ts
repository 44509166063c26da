import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Health, nestLogger, StartRefused, Telemetry, type Running, type RunContext } from '@nexora/runtime';
import { wakeAfterCommit } from '@nexora/outbox';
import { EdgeRules } from './auth/edge-rules.ts';
import { Gate } from './auth/gate.ts';
import { GatewayModule } from './gateway.module.ts';
import { Artefacts } from './comprobantes/artefacts.ts';
import type { GatewaySettings } from './gateway.settings.ts';
import { createAdapter, installEdge } from './http/edge.ts';
import { EdgeEvents } from './http/edge-events.ts';
import { forgetKeysHourly } from './http/idempotency.ts';
import type { RouteSpec } from './http/route-spec.ts';
import { tlsOf } from './http/tls.ts';
import { RouteTable } from './http/route-table.ts';
import { Postgres } from './store/postgres.ts';
import { Rings } from './store/rings.ts';

/** What the gateway needs of what `run` gives it. */
export type GatewayContext = Pick<RunContext, 'telemetry' | 'clock' | 'health' | 'signal'> & {
  readonly settings: GatewaySettings;
};

/** A gateway that listens. */
export interface GatewayRunning extends Running {
  /** Where the API is, `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Every route that is served. */
  readonly routes: readonly RouteSpec[];
  /** Settles when Postgres was reached for the first time. */
  readonly reachable: Promise<void>;
}

const CLOSING_MS = 3_000;
/** A start that finds Postgres there counts as started once it is connected; one that does not, goes on without. */
const FIRST_CONNECTION_MS = 3_000;

/**
 * Starts the API. It listens at once, whether or not Postgres can be reached; until then it answers 503.
 * @throws StartRefused when only one of TLS_CERT and TLS_KEY is set, or another program has the port.
 */
export async function startGateway({
  settings,
  telemetry,
  clock,
  health,
  signal,
}: GatewayContext): Promise<GatewayRunning> {
  const tls = tlsOf(settings);
  const postgres = openPostgres(settings, telemetry);
  const rings = new Rings(settings.REDIS_URL, telemetry);
  const artefacts = new Artefacts(settings);
  postgres.onOpen((database) => wakeAfterCommit(database, (kind) => rings.ring(kind)));
  health.register({ name: 'postgres', check: () => postgres.check() });
  const opened = [
    { provide: Postgres, useValue: postgres },
    { provide: Telemetry, useValue: telemetry },
    { provide: Health, useValue: health },
    { provide: Artefacts, useValue: artefacts },
    { provide: EdgeRules, useValue: new EdgeRules(settings, clock) },
  ];
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.over(opened), createAdapter(tls), {
    logger: nestLogger(telemetry),
    bodyParser: false,
    abortOnError: false,
  });
  installEdge(app.getHttpAdapter().getInstance(), app.get(Gate), app.get(RouteTable), app.get(EdgeEvents));
  await listen(app, settings);
  const url = await app.getUrl();
  telemetry.emit('api-listening', { url });
  await Promise.race([postgres.opened, clock.sleep(FIRST_CONNECTION_MS, signal)]);
  const stopForgetting = forgetKeysHourly(postgres, settings.GATEWAY_IDEMPOTENCY_HOURS, telemetry);
  const stop = async (): Promise<void> => {
    stopForgetting();
    await app.close();
    await Promise.all([postgres.close(CLOSING_MS), rings.close(CLOSING_MS), artefacts.close()]);
  };
  return { url, stop, routes: app.get(RouteTable).all, reachable: postgres.opened };
}

async function listen(app: NestFastifyApplication, { GATEWAY_PORT, GATEWAY_HOST }: GatewaySettings): Promise<void> {
  try {
    await app.listen(GATEWAY_PORT, GATEWAY_HOST);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    await app.close();
    throw new StartRefused(
      `Port ${GATEWAY_PORT} of ${GATEWAY_HOST} is taken by another program. ` +
        'Choose another by GATEWAY_PORT, for instance GATEWAY_PORT=8090 (0: any free one), or end that program.',
      { cause: error },
    );
  }
}

function openPostgres(settings: GatewaySettings, telemetry: Telemetry): Postgres {
  const deadlineMs = settings.GATEWAY_DEADLINE_SECONDS * 1_000;
  return new Postgres(
    {
      url: settings.DATABASE_URL,
      applicationName: 'nexora admin-gateway',
      poolSize: settings.DATABASE_POOL_SIZE,
      preparedStatements: settings.DATABASE_NAMED_STATEMENTS,
      connectTimeoutMs: deadlineMs,
      queryTimeoutMs: deadlineMs,
      onConnectionError: (error) => telemetry.emit('postgres-away', { error }),
    },
    (error) => telemetry.emit('postgres-away', { error }),
  );
}
