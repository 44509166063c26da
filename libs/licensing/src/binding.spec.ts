import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { bindingOf, factDigest, matchBinding, unreadFacts, usefulFact, type Facts } from './binding.ts';
import { MACHINE, otherMachine } from './vendor.conformance.ts';

const FACTS: Facts = {
  machineId: '4c4c4544004d3510804ec4c04f4b3233',
  serial: 'PF2AB1CD',
  installationId: '0d9b7a52-6f5e-4d0c-9a41-53f6a8f1c001',
};

describe('what a machine is bound by', () => {
  it('is three HMACs keyed with the facts, in lower-case hex, that another program can make', () => {
    const hmac = (fact: string, name: string): string =>
      createHmac('sha256', fact).update(`nexora-binding-v1\n${name}`).digest('hex');
    expect(bindingOf(FACTS)).toEqual([
      hmac(FACTS.machineId!, 'machine-id'),
      hmac(FACTS.serial!, 'serial'),
      hmac(FACTS.installationId, 'installation'),
    ]);
    expect(factDigest('serial', 'PF2AB1CD')).toBe('2ec3fff40eee5e32b23cca46b469cb3105f63bee011355c34c6300e5714b337e');
  });

  it('does not change with space around a fact, as files have it', () => {
    expect(bindingOf({ ...FACTS, machineId: ` ${FACTS.machineId!}\n` })).toEqual(bindingOf(FACTS));
  });

  it('differs by name: one text as two facts is two digests', () => {
    const same = 'same-text-0001';
    expect(new Set(bindingOf({ machineId: same, serial: same, installationId: same })).size).toBe(3);
  });

  it('takes a fact that cannot be read as one of the installation', () => {
    const without = bindingOf({ ...FACTS, serial: null });
    expect(without[1]).toBe(factDigest('serial', `${FACTS.installationId}:absent:serial`));
    expect(matchBinding(without, bindingOf(FACTS))).toBe(2);
    expect(matchBinding(without, bindingOf({ ...FACTS, serial: null }))).toBe(3);
    expect(matchBinding(without, bindingOf({ ...FACTS, serial: null, installationId: 'another' }))).toBe(1);
  });

  it.each([
    '',
    '  \n',
    'None',
    'Default string',
    'To be filled by O.E.M.',
    'To Be Filled By O.E.M.',
    'System Serial Number',
    'Not Specified',
    'N/A',
    '0',
    '00000000',
    'FFFFFFFF',
    'uninitialized',
    'zzzz',
    '--',
  ])('does not take %j, which thousands of machines share, for a fact', (fact) => {
    expect(usefulFact(fact)).toBeNull();
    expect(bindingOf({ ...FACTS, serial: fact })).toEqual(bindingOf({ ...FACTS, serial: null }));
  });

  it('tells which facts cannot be read', () => {
    expect(unreadFacts(FACTS)).toEqual([]);
    expect(unreadFacts({ ...FACTS, machineId: null, serial: ' none ' })).toEqual(['machine-id', 'serial']);
  });

  it('counts equal facts in their places', () => {
    expect([3, 2, 1, 0].map((equal) => matchBinding(MACHINE, otherMachine(equal)))).toEqual([3, 2, 1, 0]);
    expect(matchBinding(MACHINE, [MACHINE[1], MACHINE[2], MACHINE[0]])).toBe(0);
  });
});
