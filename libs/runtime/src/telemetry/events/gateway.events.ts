import { events } from '../event-spec.ts';

/** What the HTTP API tells. */
export const GATEWAY_EVENTS = events({
  'api-listening': { level: 'info', doc: 'The API listens at `url`.', fields: { url: 'text' } },
  'request-answered': {
    level: 'metric',
    doc: 'A request was answered; `route` is the pattern, never the address itself.',
    fields: { method: 'name', route: 'name', status: 'name', durationMs: 'number' },
    metrics: [
      {
        metric: 'nexora_http_request_seconds',
        value: 'durationMs',
        per: 1000,
        labels: { method: 'method', route: 'route', status: 'status' },
      },
    ],
  },
  'request-failed': {
    level: 'error',
    doc: 'A request ended in a 5xx; `request` is the requestId that the caller was told.',
    fields: { request: 'id', route: 'name', code: 'name', error: 'error' },
    quiet: { ms: 10_000, per: ['route', 'code'] },
  },
  'token-refused': {
    level: 'warn',
    doc: 'A wrong, expired or revoked token was presented.',
    fields: {},
    metrics: [{ metric: 'nexora_tokens_refused_total' }],
    quiet: { ms: 30_000, per: [] },
  },
  'keys-forgotten': { level: 'debug', doc: 'Old idempotency keys were removed.', fields: { rows: 'number' } },
});
