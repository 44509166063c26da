import { sqlState } from '@nexora/database';
import type { ProblemCode } from '@nexora/contracts';

/** SQLSTATEs of the ledger's functions. Other languages see the same five letters. */
export const LEDGER_STATES = {
  unknownKind: 'NX001',
  payloadTooLarge: 'NX002',
  notAllowed: 'NX003',
  badArgument: 'NX004',
  refused: 'NX010',
  stale: 'NX020',
  workerLost: 'NX021',
} as const;

/** The ledger says no. `message` is its sentence; `code` the stable code of contracts/problems. */
export class LedgerError extends Error {
  override readonly name: string = 'LedgerError';
  readonly code: ProblemCode;

  constructor(code: ProblemCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** The row was given to another worker, or cancelled, or finished: whatever this worker did about it is dropped. */
export class StaleFence extends LedgerError {
  override readonly name = 'StaleFence';
}

/** This incarnation was declared lost; its rows run elsewhere by now. Abort them and start a new incarnation. */
export class WorkerLost extends LedgerError {
  override readonly name = 'WorkerLost';
}

/** Ledger and declaration disagree; the sentence says where and how to mend it. The process must not start. */
export class DeclarationRefused extends LedgerError {
  override readonly name = 'DeclarationRefused';
}

/** The payload does not have the shape of its kind; `path` names the field, never the value. */
export class PayloadInvalid extends LedgerError {
  override readonly name = 'PayloadInvalid';
  readonly path: string;

  constructor(kind: string, path: string, reason: string) {
    super('agents.payload-invalid', `The payload of ${kind} is wrong at "${path}": ${reason}. Mend that field.`);
    this.path = path;
  }
}

const CLASSES: Readonly<Record<string, (message: string, cause: unknown) => LedgerError>> = {
  NX001: (message, cause) => new LedgerError('agents.unknown-kind', message, cause),
  NX002: (message, cause) => new LedgerError('agents.payload-too-large', message, cause),
  NX003: (message, cause) => new LedgerError('agents.not-allowed', message, cause),
  NX004: (message, cause) => new LedgerError('agents.bad-argument', message, cause),
  NX010: (message, cause) => new DeclarationRefused('agents.refused-to-start', message, cause),
  NX020: (message, cause) => new StaleFence('agents.stale', message, cause),
  NX021: (message, cause) => new WorkerLost('agents.worker-lost', message, cause),
};

/** Turns what a function of the ledger raised into the class of its cause; any other error stays what it is. */
export function ledgerError(error: unknown): unknown {
  const make = CLASSES[sqlState(error) ?? ''];
  return make === undefined ? error : make(error instanceof Error ? error.message : 'The ledger refused.', error);
}

/** Awaits an answer of the ledger and throws its refusals as classes. */
export async function asking<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw ledgerError(error);
  }
}
