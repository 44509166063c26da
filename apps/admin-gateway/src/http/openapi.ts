import { z } from 'zod';
import { PROBLEM_CODES, statusOf, titleOf, type ProblemCode } from './problem.ts';
import type { BytesAnswer, DeclaredAnswer, RouteSpec, SeveralForms } from './route-spec.ts';

type Json = Record<string, unknown>;

/** What any route may answer whatever it does. */
const ALWAYS: readonly ProblemCode[] = [
  'http.malformed',
  'http.forbidden',
  'http.request-timeout',
  'http.uri-too-long',
  'http.misdirected',
  'http.headers-too-large',
  'http.internal',
];
/** What every route behind a token may answer besides. */
const BEHIND_TOKEN: readonly ProblemCode[] = ['http.unauthorized', 'http.too-many-requests', 'http.unavailable'];
const WITH_BODY: readonly ProblemCode[] = ['http.too-large', 'http.unsupported-type', 'http.unprocessable'];

const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457. `errors` names each wrong input.',
  required: ['type', 'title', 'status', 'detail', 'instance'],
  properties: {
    type: { type: 'string', enum: PROBLEM_CODES.map((code) => `urn:nexora:problem:${code}`) },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: { type: 'string' },
          message: { type: 'string' },
          code: { type: 'string' },
          remedy: { type: 'string' },
        },
      },
    },
    requestId: { type: 'string', format: 'uuid' },
  },
};

/** The OpenAPI 3.1 description of the given routes; the same declarations validate requests, so it cannot be untrue. */
export function openApi(routes: readonly RouteSpec[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([A-Za-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Nexora Agents',
      version,
      description: 'Background work for a shop: hand over comprobantes, look at the agents, act on their jobs.',
    },
    paths,
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'npm run admin -- create-token' } },
    },
  };
}

function operation(route: RouteSpec): Json {
  return {
    operationId: operationId(route),
    summary: route.summary,
    security: route.access === 'public' ? [] : [{ token: [] }],
    ...(route.access === 'public' ? {} : { 'x-role': route.access }),
    parameters: [...parameters(route, 'params'), ...parameters(route, 'query'), ...idempotencyKey(route)],
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(schemaOf(route.body, 'input')) } }),
    responses: { ...answers(route), ...problems(route) },
  };
}

/** `GET /api/admin/agents/jobs/:id` → `getAdminAgentsJobsById`. */
function operationId(route: RouteSpec): string {
  const words = route.path.split('/').slice(2);
  const name = words.map((word) => (word.startsWith(':') ? `By${capital(word.slice(1))}` : capital(word)));
  return `${route.method.toLowerCase()}${name.join('')}`.replaceAll('.json', '');
}

function capital(word: string): string {
  return word.replace(/(^|[-_])([a-z])/g, (_all, _dash, letter: string) => letter.toUpperCase());
}

function parameters(route: RouteSpec, place: 'params' | 'query'): Json[] {
  const schema = route[place];
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: place === 'params' ? 'path' : 'query',
    required: place === 'params' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: property,
  }));
}

function idempotencyKey(route: RouteSpec): Json[] {
  if (route.createsWork !== true) return [];
  const description = 'The same key with the same request answers what the first one answered; with another, 409.';
  const schema = { type: 'string', minLength: 1, maxLength: 255 };
  return [{ name: 'Idempotency-Key', in: 'header', required: false, description, schema }];
}

function answers(route: RouteSpec): Json {
  return Object.fromEntries(Object.entries(route.answers).map(([status, answer]) => [status, described(answer)]));
}

function described(answer: DeclaredAnswer): Json {
  if (isSeveral(answer)) {
    const content = Object.assign(json(schemaOf(answer.json, 'output')), ...answer.bytes.map(contentOf)) as Json;
    return { description: answer.description, content };
  }
  return 'bytes' in answer ? bytes(answer) : body(answer);
}

function isSeveral(answer: DeclaredAnswer): answer is SeveralForms {
  return 'json' in answer;
}

function bytes(answer: BytesAnswer): Json {
  return { description: answer.description, content: contentOf(answer.bytes) };
}

function contentOf(type: string): Json {
  return { [type]: { schema: { type: 'string', contentMediaType: type } } };
}

function body(schema: z.ZodType): Json {
  return { description: schema.description ?? 'Done', content: json(schemaOf(schema, 'output')) };
}

function problems(route: RouteSpec): Json {
  const codes = [
    ...ALWAYS,
    ...(route.access === 'public' ? [] : BEHIND_TOKEN),
    ...(route.method === 'GET' ? [] : WITH_BODY),
    ...(route.query === undefined ? [] : (['http.unprocessable'] as const)),
    ...(route.createsWork === true ? (['http.idempotency-conflict'] as const) : []),
    ...(route.problems ?? []),
  ];
  const byStatus = Map.groupBy([...new Set(codes)], statusOf);
  const declared = new Set(Object.keys(route.answers).map(Number));
  return Object.fromEntries(
    [...byStatus]
      .filter(([status]) => !declared.has(status))
      .map(([status, sameStatus]) => [status, problem(sameStatus)]),
  );
}

function problem(codes: readonly ProblemCode[]): Json {
  return {
    description: codes.map((code) => `${titleOf(code)} (\`${code}\`)`).join('; '),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, '~standard': __, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
}
