import { randomBytes } from 'node:crypto';
import { OfficeRefused } from './refused.ts';
import type { Binding, LicensePayload } from './records.ts';

const day = 86_400_000;

/** What a customer buys. Times may be given as dates or as ISO 8601 in UTC. */
export interface Order {
  readonly customer: string;
  readonly rfc: string;
  readonly plan?: string;
  readonly features?: readonly string[];
  readonly quantities?: Readonly<Record<string, number>>;
  /** Life of each document in days, 30 unless told. */
  readonly validDays?: number;
  /** End of the contract, a year from now unless told. */
  readonly paidUntil?: string | Date;
  /** End of this first document, `validDays` from now unless told. */
  readonly validUntil?: string | Date;
  readonly notBefore?: string | Date;
  /** Digests of the machine's facts; left out: any machine may use it. */
  readonly binding?: Binding | null;
  /** Takes the machine of its first renewal as its own; only without `binding`. */
  readonly bindsAtFirstRenewal?: boolean;
  readonly minCrl?: number;
  /** Made up when left out. */
  readonly id?: string;
}

function check(holds: boolean, sentence: string): void {
  if (!holds) throw new OfficeRefused(sentence);
}

/** The time meant, as ISO 8601 in UTC. Errors: OfficeRefused naming `what`. */
export function timeIn(what: string, value: string | Date): string {
  const isTime = value instanceof Date || /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/.test(value);
  const time = new Date(value);
  // A day that no month has (February 30) is carried over by JavaScript; it is refused instead.
  const isMeant = value instanceof Date || (isTime && !Number.isNaN(time.getTime()) && sameDay(time, value));
  check(isMeant && !Number.isNaN(time.getTime()), `${what} must be a time as 2027-01-31 or 2027-01-31T18:00:00Z`);
  return time.toISOString();
}

function sameDay(time: Date, text: string): boolean {
  return time.toISOString().slice(0, 10) === text.slice(0, 10);
}

/** Days in which a document lives. Errors: OfficeRefused. */
export function validDaysIn(days: number): number {
  check(Number.isInteger(days) && days >= 1 && days <= 3650, 'valid days must be a whole number from 1 to 3650');
  return days;
}

function checkEntitlements({ features = [], quantities = {} }: Order): void {
  check(new Set(features).size === features.length, 'a feature is named twice');
  check(!features.includes(''), 'a feature must have a name');
  for (const [name, quantity] of Object.entries(quantities)) {
    const holds = name !== '' && Number.isSafeInteger(quantity) && quantity >= 0;
    check(holds, `the quantity ${name} must be a whole number from 0`);
  }
}

/** Three digests of 64 hexadecimal digits each. Errors: OfficeRefused. */
export function bindingIn(facts: readonly string[]): Binding {
  const [machineId, serial, installation] = facts;
  check(
    facts.length === 3 && facts.every((fact) => /^[0-9a-f]{64}$/.test(fact)),
    'the binding must be three digests of 64 lower-case hexadecimal digits: machine-id, serial, installation',
  );
  return [machineId ?? '', serial ?? '', installation ?? ''];
}

/** The first document of an order at `now`, unsigned. Errors: OfficeRefused with what is wrong. */
export function licenseOf(order: Order, now: Date): LicensePayload {
  const { customer, rfc, minCrl = 0, id = `LIC-${randomBytes(8).toString('hex').toUpperCase()}` } = order;
  check(customer.trim() !== '', 'the customer must have a name');
  check(/^[A-ZÑ&]{3,4}\d{6}[A-Z\d]{3}$/u.test(rfc), `the RFC must be as EKU9003173C9, not "${rfc}"`);
  check(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id), 'the id must have 1 to 64 letters, digits, dots, dashes');
  check(Number.isSafeInteger(minCrl) && minCrl >= 0, 'the lowest CRL number must be a whole number from 0');
  checkEntitlements(order);
  const later = (days: number): Date => new Date(now.getTime() + days * day);
  const payload = {
    id,
    customer,
    rfc,
    plan: order.plan ?? 'sandbox',
    entitlements: { features: [...(order.features ?? [])], quantities: { ...order.quantities } },
    binding: order.binding == null ? null : bindingIn(order.binding),
    issuedAt: now.toISOString(),
    notBefore: timeIn('not before', order.notBefore ?? now),
    validUntil: timeIn('valid until', order.validUntil ?? later(validDaysIn(order.validDays ?? 30))),
    paidUntil: timeIn('paid until', order.paidUntil ?? later(365)),
    minCrl,
  };
  check(payload.plan !== '', 'the plan must have a name');
  check(payload.notBefore < payload.validUntil, 'the document must end after it begins: see not before, valid until');
  return payload;
}

/** The document that follows at `now`, unsigned: as the present one, with a life of its own. */
export function renewedLicense(
  license: LicensePayload,
  now: Date,
  change: Pick<LicensePayload, 'binding' | 'paidUntil'> & { readonly validDays: number },
): LicensePayload {
  const { binding, paidUntil, validDays } = change;
  const validUntil = new Date(now.getTime() + validDays * day).toISOString();
  return { ...license, binding, paidUntil, issuedAt: now.toISOString(), validUntil };
}
