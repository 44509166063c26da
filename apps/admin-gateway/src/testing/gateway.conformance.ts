import { expect } from '@jest/globals';
import { cfdiKinds, licenseKinds, syncKinds } from '@nexora/contracts';
import { Database } from '@nexora/database';
import { Ledger, type ScheduleSpec } from '@nexora/outbox';
import { collected, Health, HouseClock, houseSettings, loadSettings, Telemetry } from '@nexora/runtime';
import { storageSettings } from '@nexora/storage';
import { freshDatabase, freshRedis, type MigratedDatabase } from '@nexora/testing';
import { randomUUID } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import pg from 'pg';
import { z } from 'zod';
import { createToken } from '../auth/create-token.ts';
import { ROLES, type Role } from '../auth/roles.ts';
import { gatewaySettings } from '../gateway.settings.ts';
import { openApi } from '../http/openapi.ts';
import type { ProblemDocument } from '../http/problem.ts';
import type { RouteSpec } from '../http/route-spec.ts';
import { startGateway } from '../start.ts';

/** An answer as it came over the socket. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The body as JSON; undefined when it is none. */
  readonly body: unknown;
}

/** What a call may say beside method and path. */
export interface CallOptions {
  /** A role's token, a token itself, or null for none. Default: admin. */
  readonly as?: Role | { readonly token: string } | null;
  /** Sent as JSON; a string or bytes are sent as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A gateway on a database of its own, called over real sockets. Every answer is held against its route's declaration. */
export interface GatewayUnderTest {
  readonly url: string;
  readonly database: DatabaseUnderTest;
  readonly routes: readonly RouteSpec[];
  readonly redisUrl: string;
  /** Log lines and their fields. */
  readonly lines: readonly Record<string, unknown>[];
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Runs SQL as superuser. */
  sql<R extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>;
  /** Rows of everything that a request could store: what a refused request must leave as it was. */
  storedRows(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

/** What may differ from the default. */
export interface UnderTestOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Another way to the same database, for instance through a proxy that can be cut. */
  readonly databaseUrl?: (url: string) => string | Promise<string>;
  /** Another database than a fresh one on the shared server. */
  readonly database?: DatabaseUnderTest;
  /** Where log lines go, to be watched while it starts. */
  readonly lines?: Record<string, unknown>[];
}

/** What a gateway under test needs of its database. */
export type DatabaseUnderTest = Pick<MigratedDatabase, 'url' | 'urlFor' | 'drop'>;

/** Starts a gateway on a fresh, migrated database. */
export async function gatewayUnderTest(options: UnderTestOptions = {}): Promise<GatewayUnderTest> {
  const database = options.database ?? (await freshDatabase());
  const redis = await freshRedis();
  const lines = options.lines ?? [];
  const ownUrl = database.urlFor('admin-gateway');
  const running = await start(lines, {
    DATABASE_URL: (await options.databaseUrl?.(ownUrl)) ?? ownUrl,
    REDIS_URL: redis.url,
    GATEWAY_PORT: '0',
    ...options.settings,
  });
  const admin = new pg.Pool({ connectionString: database.url, max: 2 });
  admin.on('error', () => undefined); // the server under test is restarted on purpose
  const sql = async <R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> =>
    (await admin.query<R>(text, values)).rows;
  await declareAgents(database);
  await sql(
    `INSERT INTO cfdi.issuer (rfc, nombre, regimen_fiscal) VALUES ('EKU9003173C9', 'ESCUELA KEMPER URGATE', '601')`,
  );
  const tokens = await tokensOf(admin);
  await running.reachable;
  const { routes } = running;
  const call = async (method: string, path: string, given: CallOptions = {}): Promise<Answer> => {
    const answer = await send(running.url, method, path, given, tokens);
    if (answer.status === 500) throw new Error(`${method} ${path} failed inside: ${lastFailure(lines)}`);
    holdAgainstDeclaration(routes, method, path, answer);
    return answer;
  };
  const stop = async (): Promise<void> => {
    await running.stop('end of the test');
    await admin.end();
    await redis.release();
    await database.drop();
  };
  return {
    url: running.url,
    database,
    routes,
    redisUrl: redis.url,
    lines,
    call,
    sql,
    storedRows: () => storedRows(admin),
    stop,
  };
}

async function start(lines: Record<string, unknown>[], env: Record<string, string>) {
  const settings = loadSettings({ ...houseSettings, ...storageSettings, ...gatewaySettings }, env);
  const clock = new HouseClock();
  const telemetry = Telemetry.open({ agent: 'admin-gateway', level: 'debug', sink: collected(lines), clock });
  const health = new Health(clock, telemetry);
  const { signal } = new AbortController();
  const running = await startGateway({ settings, telemetry, clock, health, signal });
  health.enter('ready');
  return running;
}

/** A 500 is never a right answer; what the log says of it is what a developer wants to see. */
function lastFailure(lines: readonly Record<string, unknown>[]): string {
  return JSON.stringify(lines.findLast(({ event }) => event === 'request-failed')?.['error']);
}

async function tokensOf(sql: pg.Pool): Promise<Record<Role, string>> {
  const made = ROLES.map(async (role) => [role, await createToken(sql, role, { name: `test ${role}` })] as const);
  return Object.fromEntries(await Promise.all(made)) as Record<Role, string>;
}

/** Tells the ledger of the agents whose kinds the gateway hands work to, as they do when they start. */
async function declareAgents(database: DatabaseUnderTest): Promise<void> {
  for (const [agent, kinds] of Object.entries({ cfdi: cfdiKinds, license: licenseKinds, sync: syncKinds })) {
    const own = await Database.open({ url: database.urlFor(agent), poolSize: 1 });
    const schedules = SCHEDULES.filter(({ kind }) => kind.startsWith(`${agent}.`));
    await new Ledger(own).declare({
      agent,
      version: '0.0.0',
      kinds: Object.values(kinds).map((kind) => ({ kind })),
      schedules,
    });
    await own.close();
  }
}

const SCHEDULES: readonly ScheduleSpec[] = [
  {
    name: 'cfdi.pick-up-pending',
    description: 'Looks for comprobantes that nobody works on',
    kind: 'cfdi.pick-up',
    payload: {},
    everyMs: 120_000,
    zone: 'America/Mexico_City',
  },
];

const STORING = ['gateway.idempotency', 'gateway.audit', 'agents.job', 'agents.job_finished', 'cfdi.comprobante'];

async function storedRows(sql: pg.Pool): Promise<Record<string, number>> {
  const counts = STORING.map(async (table) => {
    const { rows } = await sql.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
    return [table, rows[0]?.n ?? 0] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

function send(
  base: string,
  method: string,
  path: string,
  { as = 'admin', body, headers = {} }: CallOptions,
  tokens: Readonly<Record<Role, string>>,
): Promise<Answer> {
  const token = as === null ? null : typeof as === 'string' ? tokens[as] : as.token;
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const payload = body === undefined || isRaw ? body : JSON.stringify(body);
  const sent = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(payload === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL(base), { method, path, headers: sent, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, body: jsonOf(bytes) });
      });
    });
    request.on('error', reject);
    request.end(payload);
  });
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** The route's declaration is the API's description, so an answer that it does not foresee makes the description untrue. */
function holdAgainstDeclaration(routes: readonly RouteSpec[], method: string, path: string, answer: Answer): void {
  const plain = path.split('?')[0] ?? '';
  const route = routes.find((spec) => spec.method === method && patternOf(spec.path).test(plain));
  const declared = route?.answers[answer.status];
  if (declared === undefined) return holdAgainstProblem(route, plain, answer);
  const type = String(answer.headers['content-type']).split(';')[0] ?? '';
  const bytes = 'bytes' in declared ? [declared.bytes].flat() : [];
  if (bytes.includes(type)) return;
  expect(type).toBe('bytes' in declared && !('json' in declared) ? declared.bytes : 'application/json');
  const schema = 'json' in declared ? declared.json : declared;
  if ('parse' in schema) expect(schema.parse(answer.body)).toEqual(answer.body);
}

const problemSchema = z.strictObject({
  type: z.string().startsWith('urn:nexora:problem:'),
  title: z.string().min(1),
  status: z.int(),
  detail: z.string().min(1),
  instance: z.string(),
  errors: z
    .array(
      z.strictObject({
        path: z.string(),
        message: z.string().min(1),
        code: z.string().optional(),
        remedy: z.string().optional(),
      }),
    )
    .optional(),
  requestId: z.uuid().optional(),
});

function holdAgainstProblem(route: RouteSpec | undefined, path: string, answer: Answer): void {
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const problem = problemSchema.parse(answer.body);
  // Headers that could not even be read name no path.
  const instance = answer.status === 431 ? '/' : path;
  expect({ status: problem.status, instance: problem.instance }).toEqual({ status: answer.status, instance });
  if (answer.status === 401) expect(answer.headers['www-authenticate']).toContain('Bearer');
  if (answer.status === 429 || answer.status === 503) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  if (route === undefined) return;
  expect(describedStatuses(route)).toContain(String(answer.status));
}

const described = new Map<RouteSpec, string[]>();

/** Every status that the API's description foresees for a route. */
function describedStatuses(route: RouteSpec): string[] {
  const known = described.get(route);
  if (known !== undefined) return known;
  const { paths } = openApi([route], '0') as { paths: Record<string, Record<string, { responses: object }>> };
  const [methods] = Object.values(paths);
  const statuses = Object.keys(methods?.[route.method.toLowerCase()]?.responses ?? {});
  described.set(route, statuses);
  return statuses;
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/:[A-Za-z]+/g, '[^/]+')}$`);
}

/** The problem of an answer that is one. */
export function problemIn(answer: Answer): ProblemDocument {
  return problemSchema.parse(answer.body) as ProblemDocument;
}

/** An id that nothing has. */
export function nobody(): string {
  return randomUUID();
}
