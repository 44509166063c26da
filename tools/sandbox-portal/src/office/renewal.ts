import type { Binding, LicenseRecord, Refusal } from './records.ts';

const day = 86_400_000;
/** Days between two moves of a licence to another machine. */
const rebindDays = 30;
/** Equal facts that make a machine the same one. */
const factsOfSameMachine = 2;

/** What the office decides on a request to renew. */
export type Ruling =
  | { readonly kind: 'renew'; readonly binding: Binding | null; readonly rebound: boolean }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** What owners are told, by code. */
const messages = {
  unknown: 'El portal no conoce esta licencia. Revise el archivo o pida uno nuevo a su proveedor.',
  revoked: 'La licencia fue revocada. Comuníquese con su proveedor.',
  suspended: 'La licencia está suspendida. Comuníquese con su proveedor para reactivarla.',
  unpaid: 'El contrato de la licencia venció. Renueve el pago con su proveedor.',
  'rebind-too-soon':
    'La licencia ya se cambió de equipo hace menos de 30 días. Intente más tarde o comuníquese con su proveedor.',
} as const;

/** Codes of the office's own refusals. */
type RefusalCode = keyof typeof messages;

/** A refusal by its code; a code that the office does not use has a general message. */
export function refusalOf(code: string): Refusal {
  const message = Object.entries(messages).find(([known]) => known === code)?.[1];
  return { code, message: message ?? 'El portal no renovó la licencia. Comuníquese con su proveedor.' };
}

function refuse(code: RefusalCode): Ruling {
  return { kind: 'refuse', refusal: refusalOf(code) };
}

function isSameMachine(known: Binding, asked: Binding): boolean {
  return known.filter((fact, index) => fact === asked[index]).length >= factsOfSameMachine;
}

/**
 * Judges a request at `now` (house time). Two equal facts of three are the same machine, and the document follows the
 * third; fewer are a move to another one, which is had once in 30 days. A licence without a binding stays without.
 */
export function judgeRenewal(record: LicenseRecord | undefined, binding: Binding, now: Date): Ruling {
  if (record === undefined) return refuse('unknown');
  if (record.status !== 'active') return refuse(record.status);
  const { license } = record;
  if (Date.parse(license.paidUntil) <= now.getTime()) return refuse('unpaid');
  if (license.binding === null) {
    return { kind: 'renew', binding: record.bindsAtFirstRenewal ? binding : null, rebound: false };
  }
  if (isSameMachine(license.binding, binding)) return { kind: 'renew', binding, rebound: false };
  if (record.reboundAt !== null && now.getTime() - Date.parse(record.reboundAt) < rebindDays * day) {
    return refuse('rebind-too-soon');
  }
  return { kind: 'renew', binding, rebound: true };
}
