import { createHmac } from 'node:crypto';
import type { Binding } from './documents.ts';

const NAMES = ['machine-id', 'serial', 'installation'] as const;

/** What a licence may be bound to: three facts that outlive updates, network cards and containers. */
export type FactName = (typeof NAMES)[number];

/** The facts of a machine; null for one that cannot be read. */
export interface Facts {
  machineId: string | null;
  serial: string | null;
  /** Made at the first start and kept. */
  installationId: string;
}

/** What makers write where a serial should be, and systemd before the first start: the same on thousands of machines. */
const PLACEHOLDERS =
  /^(?:0+|f+|x+|none|null|n\/?a|default( string)?|unknown|uninitialized|not (specified|applicable|available)|to be filled by o\.?e\.?m\.?|(system |base board |board |chassis )?serial ?(number)?|123456789|invalid|(?<one>.)\k<one>*)$/i;

/** The fact without space around it, or null when it tells no machine from another. */
export function usefulFact(fact: string | null | undefined): string | null {
  const trimmed = fact?.trim() ?? '';
  return trimmed === '' || PLACEHOLDERS.test(trimmed) ? null : trimmed;
}

/** Lower-case hex of HMAC-SHA256 keyed with the fact, so that a fact cannot be found from what is sent. */
export function factDigest(name: FactName, fact: string): string {
  return createHmac('sha256', Buffer.from(fact)).update(`nexora-binding-v1\n${name}`).digest('hex');
}

/** What this machine is bound by. A fact that cannot be read counts as one of this installation. */
export function bindingOf(facts: Facts): Binding {
  const values = valuesOf(facts);
  return NAMES.map((name, index) => {
    const fact = usefulFact(values[index]) ?? `${facts.installationId.trim()}:absent:${name}`;
    return factDigest(name, fact);
  }) as Binding;
}

/**
 * The facts that cannot be read. They follow the installation id, so that without them a copy of the house's volumes is the same
 * machine anywhere: worth telling the owner.
 */
export function unreadFacts(facts: Facts): FactName[] {
  const values = valuesOf(facts);
  return NAMES.filter((_, index) => usefulFact(values[index]) === null);
}

function valuesOf({ machineId, serial, installationId }: Facts): readonly (string | null)[] {
  return [machineId, serial, installationId];
}

/** How many of the three facts are equal, each in its place: 2 or 3 = same machine, 1 = changed, 0 = another. */
export function matchBinding(a: Binding, b: Binding): number {
  return a.filter((digest, index) => digest === b[index]).length;
}
