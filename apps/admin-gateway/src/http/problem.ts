import { PROBLEMS, type ProblemCode as HouseCode } from '@nexora/contracts';

/**
 * The only table from error code to HTTP status. 400 malformed (no JSON, unknown field, wrong JSON type, no UUID),
 * 422 right shape but a pattern, length, catalogue, sum or business rule is broken (`spec` of the API).
 */
const STATUS = {
  'http.malformed': 400,
  'http.unauthorized': 401,
  'http.forbidden': 403,
  'http.not-found': 404,
  'http.method-not-allowed': 405,
  'http.request-timeout': 408,
  'http.conflict': 409,
  'http.idempotency-conflict': 409,
  'http.too-large': 413,
  'http.uri-too-long': 414,
  'http.unsupported-type': 415,
  'http.misdirected': 421,
  'http.unprocessable': 422,
  'http.too-many-requests': 429,
  'http.headers-too-large': 431,
  'http.internal': 500,
  'http.unavailable': 503,
  'agents.job-not-found': 404,
  'agents.job-running': 409,
  'agents.job-finished': 409,
  'agents.payload-too-large': 413,
  'cfdi.not-found': 404,
  'cfdi.not-ready': 409,
  'cfdi.external-id-conflict': 409,
  'cfdi.folio-conflict': 409,
  'cfdi.not-mendable': 409,
  'cfdi.not-cancellable': 409,
  'cfdi.csd-refused': 422,
  'cfdi.invalid': 422,
  'cfdi.unsupported': 422,
  'cfdi.totals-disagree': 422,
} as const satisfies Partial<Record<HouseCode | keyof typeof ONLY_HERE, number>>;

/** Codes that exist at the edge of HTTP alone and nowhere else in the house. */
const ONLY_HERE = {
  'http.request-timeout': { title: 'The request came too slowly' },
  'http.uri-too-long': { title: 'The address is too long' },
  'http.headers-too-large': { title: 'The headers are too large' },
} as const;

/** A code that the API answers; programs may rely on it, it never changes its meaning. */
export type ProblemCode = keyof typeof STATUS;

/** Every code that the API answers. */
export const PROBLEM_CODES = Object.keys(STATUS) as readonly ProblemCode[];

const TITLES: Readonly<Record<string, { readonly title: string }>> = { ...PROBLEMS, ...ONLY_HERE };

/** HTTP status of a code. */
export function statusOf(code: ProblemCode): number {
  return STATUS[code];
}

/** Title of a code, the same for every occurrence. */
export function titleOf(code: ProblemCode): string {
  return TITLES[code]?.title ?? code;
}

/** One fault of the input: where, what, and, for business rules, the rule's own code and how to mend it. */
export interface InputFault {
  /** Path from the root of the body, the query or the path parameters (`conceptos[0].cantidad`); '' is the root. */
  readonly path: string;
  readonly message: string;
  readonly code?: string;
  readonly remedy?: string;
}

/** What goes over the wire as `application/problem+json`. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly errors?: readonly InputFault[];
  /** Stands in the log lines of this request too. */
  readonly requestId?: string;
}

interface ProblemExtras {
  readonly errors?: readonly InputFault[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Media type of every error answer (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/**
 * An answer that is an error. `message` is the sentence the caller reads: what is wrong and how to mend it, never the
 * value of a secret, a person's datum or the inside of the house.
 */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly InputFault[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail, { cause: extras.cause });
    this.name = 'Problem';
    this.code = code;
    this.errors = extras.errors;
    this.headers = extras.headers ?? {};
  }

  /** HTTP status of the code. */
  get status(): number {
    return statusOf(this.code);
  }

  /** The document of RFC 9457; `instance` is the path of the request, without its query. */
  document(instance: string, requestId?: string): ProblemDocument {
    return {
      type: `urn:nexora:problem:${this.code}`,
      title: titleOf(this.code),
      status: this.status,
      detail: this.message,
      instance,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
      ...(requestId === undefined ? {} : { requestId }),
    };
  }
}

/** Whole seconds, at least one, as `Retry-After` wants them. */
export function retryAfter(seconds: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(seconds))) };
}
