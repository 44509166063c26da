import { describe, expect, it } from '@jest/globals';
import { renewalDue, renewalDueAt, warningsDue } from './renewal.ts';
import { inDays, LICENSE } from './vendor.conformance.ts';

describe('a renewal', () => {
  it('is due when two thirds of the file’s life have passed', () => {
    expect(renewalDueAt(LICENSE)).toEqual(inDays(20));
    expect(renewalDue(LICENSE, new Date(inDays(20).getTime() - 1))).toBe(false);
    expect(renewalDue(LICENSE, inDays(20))).toBe(true);
    expect(renewalDue(LICENSE, inDays(99))).toBe(true);
  });

  it('is due of a file that the vendor once dated years ahead', () => {
    const ahead = { ...LICENSE, issuedAt: inDays(700), validUntil: inDays(730), paidUntil: inDays(900) };
    expect(renewalDue(ahead, inDays(1))).toBe(true);
    expect(renewalDue(ahead, inDays(701))).toBe(false);
  });

  it('is due before a contract that ends before its file', () => {
    expect(renewalDueAt({ ...LICENSE, paidUntil: inDays(15) })).toEqual(inDays(10));
  });
});

describe('a warning', () => {
  const told = (days: number, before: string[] = [], license = LICENSE): [string, number][] =>
    warningsDue(license, inDays(days), new Set(before)).map((warning) => [warning.what, warning.days]);

  it.each<[number, [string, number][]]>([
    [334, []],
    [335, [['contract', 30]]],
    [350, [['contract', 30]]],
    [351, [['contract', 14]]],
    [358, [['contract', 7]]],
    [362, [['contract', 3]]],
    [364, [['contract', 1]]],
    [364.99, [['contract', 1]]],
    [365, []],
    [400, []],
  ])('of the contract, %d days after the issue: %j', (days, expected) => {
    expect(told(days, [], { ...LICENSE, validUntil: inDays(400) })).toEqual(expected);
  });

  it('of the file only once its renewal is due: a file of 30 days is no news on its first day', () => {
    expect([0, 16, 19.9].map((days) => told(days))).toEqual([[], [], []]);
    expect([20, 23, 27, 29].map((days) => told(days))).toEqual([
      [['file', 14]],
      [['file', 7]],
      [['file', 3]],
      [['file', 1]],
    ]);
  });

  it('is told once, and anew for another end', () => {
    const [first] = warningsDue(LICENSE, inDays(27), new Set());
    expect(told(27.5, [first!.key])).toEqual([]);
    expect(told(29, [first!.key])).toEqual([['file', 1]]);
    expect(told(27.5, [first!.key], { ...LICENSE, validUntil: inDays(29.9) })).toEqual([['file', 3]]);
  });
});
