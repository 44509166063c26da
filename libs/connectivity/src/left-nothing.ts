/** Errors that can only arise before the first byte of a request has left: name, route, connection, TLS. */
const BEFORE_THE_REQUEST = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** What an error of Node or of `fetch` may carry beside its message. */
interface Failure {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/**
 * Whether a failed call certainly left no byte of its request outside, so that nothing can have happened there.
 * Everything that is not certain is false: a reset or a time-out may come after the request was read.
 */
export function leftNothing(error: unknown): boolean {
  for (const { code, syscall, errors } of causes(error)) {
    // Several addresses were tried: each of them must have failed early.
    if (Array.isArray(errors) && errors.length > 0) return errors.every(leftNothing);
    if (typeof code === 'string' && BEFORE_THE_REQUEST.has(code)) return true;
    if (code === 'ETIMEDOUT' && syscall === 'connect') return true;
  }
  return false;
}

/** An error and what caused it, outermost first; `fetch` hides the reason in `cause`. */
function* causes(error: unknown): Generator<Failure> {
  let one = error;
  for (let depth = 0; depth < 8 && typeof one === 'object' && one !== null; depth++) {
    const failure: Failure = one;
    yield failure;
    one = failure.cause;
  }
}
