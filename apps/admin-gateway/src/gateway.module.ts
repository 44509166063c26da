import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import { AgentsController } from './agents/agents.controller.ts';
import { JobsController } from './agents/jobs.controller.ts';
import { RetryController } from './agents/retry.controller.ts';
import { SchedulesController } from './agents/schedules.controller.ts';
import { Gate } from './auth/gate.ts';
import { Tokens } from './auth/tokens.ts';
import { CancelacionesController } from './comprobantes/cancelaciones.controller.ts';
import { ComprobantesController } from './comprobantes/comprobantes.controller.ts';
import { HistoryController } from './comprobantes/history.controller.ts';
import { MonthsController } from './comprobantes/months.controller.ts';
import { StampsController } from './comprobantes/stamps.controller.ts';
import { HealthController } from './health/health.controller.ts';
import { PublicHealth } from './health/public-health.ts';
import { Acts } from './http/acts.ts';
import { AnswerInterceptor } from './http/answer.interceptor.ts';
import { EdgeEvents } from './http/edge-events.ts';
import { OpenApiController } from './http/openapi.controller.ts';
import { ProblemFilter } from './http/problem.filter.ts';
import { RouteTable } from './http/route-table.ts';
import { IssuersController } from './issuers/issuers.controller.ts';
import { LicenseController } from './license/license.controller.ts';
import { TraceInterceptor } from './http/trace.interceptor.ts';

/** The rooms of the gateway: a table of contents. */
const ROOMS = [
  HealthController,
  OpenApiController,
  ComprobantesController,
  MonthsController,
  StampsController,
  CancelacionesController,
  HistoryController,
  AgentsController,
  JobsController,
  RetryController,
  SchedulesController,
  IssuersController,
  LicenseController,
];

const EDGE: Provider[] = [
  Gate,
  Tokens,
  Acts,
  EdgeEvents,
  RouteTable,
  PublicHealth,
  { provide: APP_FILTER, useClass: ProblemFilter },
  { provide: APP_INTERCEPTOR, useClass: TraceInterceptor },
  { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
];

/** The gateway as a Nest module over what its process opened. */
@Module({})
export class GatewayModule {
  /** @param opened connections and services of the process, each under its class. */
  static over(opened: Provider[]): DynamicModule {
    return { module: GatewayModule, controllers: ROOMS, providers: [...opened, ...EDGE] };
  }
}
