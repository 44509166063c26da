import { describe, expect, it } from '@jest/globals';
import { verdictOfAudit } from './audit.ts';
import { judge } from './canaries.ts';
import { cruiseOffences, innocents, lintOffences } from './canary-plants.ts';
import { verdictOfLint } from './lint.ts';

describe('verdictOfLint', () => {
  it('is red when the linter was green without the project graph', () => {
    const verdict = verdictOfLint({ code: 0, output: 'No cached ProjectGraph is available.' });
    expect(verdict.kind).toBe('failed');
  });

  it('is green when the linter was, with its graph', () => {
    expect(verdictOfLint({ code: 0, output: '' }).kind).toBe('passed');
  });
});

describe('judge', () => {
  const everyAlarm = [...lintOffences, ...cruiseOffences].map(({ rule, path }) => ({ rule, path }));

  it('is content when every offence raised its alarm', () => {
    expect(judge(everyAlarm).kind).toBe('passed');
  });

  it('names the rule that slept', () => {
    const [first, ...others] = everyAlarm;
    expect(judge(others)).toEqual({ kind: 'failed', complaint: `${first?.rule} lets ${first?.path} pass` });
  });

  it('names the rule that refuses what is allowed', () => {
    const path = innocents[0]?.path ?? '';
    expect(judge([...everyAlarm, { rule: 'no-console', path }])).toEqual({
      kind: 'failed',
      complaint: `no-console refuses ${path}, which is allowed`,
    });
  });
});

describe('verdictOfAudit', () => {
  it('tells a registry that cannot be asked from one that found nothing', () => {
    expect(verdictOfAudit('{"message":"405 Method Not Allowed"}').kind).toBe('skipped');
    expect(verdictOfAudit('{"vulnerabilities":{}}').kind).toBe('passed');
  });

  it('is red for a severe hole only', () => {
    expect(verdictOfAudit('{"vulnerabilities":{"x":{"severity":"critical"}}}').kind).toBe('failed');
    expect(verdictOfAudit('{"vulnerabilities":{"x":{"severity":"low"}}}').kind).toBe('passed');
  });
});
