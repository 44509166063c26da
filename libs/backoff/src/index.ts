export { backoffMs, type Backoff } from './backoff.ts';
export { jittered } from './jitter.ts';
export { retryDelayMs, type RetryPolicy } from './retry-at.ts';
