import { sqlState } from '@nexora/database';
import { LEDGER_STATES, LedgerError } from '@nexora/outbox';
import { AWAY_RETRY_SECONDS } from './problem-of.ts';
import { PROBLEM_CODES, Problem, retryAfter, statusOf, type InputFault, type ProblemCode } from './problem.ts';

/** SQLSTATEs by which functions of the house refuse what a caller gave: the last three letters are the HTTP status. */
const REFUSALS: Readonly<Record<string, ProblemCode>> = {
  NX002: 'agents.payload-too-large',
  NX400: 'http.malformed',
  NX404: 'http.not-found',
  NX409: 'http.conflict',
  NX413: 'http.too-large',
  NX422: 'http.unprocessable',
};

/**
 * Awaits a function of another room and turns its refusal of the input into the answer of the API. Such a function
 * says in DETAIL, as JSON, what it says to everybody: `{code, field, message, remedy}`.
 * @throws Problem for a refusal; any other error as it is.
 */
export async function askingSql<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

function refusalOf(error: unknown): Problem | null {
  if (error instanceof LedgerError) return refusalOf(error.cause);
  if (sqlState(error) === LEDGER_STATES.unknownKind) return notStarted(error);
  const code = REFUSALS[sqlState(error) ?? ''];
  if (code === undefined || !(error instanceof Error)) return null;
  const fault = faultIn(error);
  if (fault === null) return new Problem(code, error.message, { cause: error });
  const detail = fault.remedy === undefined ? fault.message : `${fault.message} ${fault.remedy}`;
  return new Problem(specific(fault.code, code), detail, { errors: [fault], cause: error });
}

/** The ledger knows a kind from the first start of its agent on; until then the work cannot be taken. */
function notStarted(cause: unknown): Problem {
  return new Problem('http.unavailable', 'The agent that does this work has not been started yet. Try again later.', {
    headers: retryAfter(AWAY_RETRY_SECONDS),
    cause,
  });
}

/** The fault's own code where the API knows it for the same status. */
function specific(own: string | undefined, general: ProblemCode): ProblemCode {
  return PROBLEM_CODES.find((code) => code === own && statusOf(code) === statusOf(general)) ?? general;
}

function faultIn(error: Error): InputFault | null {
  const detail = 'detail' in error && typeof error.detail === 'string' ? parsed(error.detail) : null;
  if (detail === null || typeof detail !== 'object') return null;
  const { code, field, message, remedy } = detail as Record<string, unknown>;
  if (typeof message !== 'string') return null;
  return {
    path: typeof field === 'string' ? field : '',
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof remedy === 'string' ? { remedy } : {}),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
