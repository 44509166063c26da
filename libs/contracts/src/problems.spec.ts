import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { DOMAIN_EVENTS } from './domain-events.ts';
import { PROBLEMS, problemOf } from './problems.ts';
import type { Problem } from './problems/problem.ts';

const lines: [string, Problem][] = Object.entries(PROBLEMS);

describe('the catalogue of errors', () => {
  it.each(lines)('%s has a code of the house, a title and a sentence in both languages', (code, problem) => {
    expect(code).toMatch(/^[a-z]+\.[a-z]+(-[a-z]+)*$/);
    expect(problem.title).toMatch(/^[A-Z][^.]+$/);
    for (const sentence of [problem.es, problem.en]) expect(sentence).toMatch(/^[A-ZÁÉÍÓÚÑ].{15,}\.$/s);
  });

  it.each(lines.filter(([, problem]) => problem.status !== undefined))(
    '%s hints at a status of an error',
    (_code, problem) => {
      expect(problem.status).toBeGreaterThanOrEqual(400);
      expect(problem.status).toBeLessThan(600);
    },
  );

  it('knows its own codes and no others, not even those of an object', () => {
    expect(problemOf('agents.unknown-kind')?.status).toBe(422);
    expect(problemOf('CFDI40147')).toBeUndefined();
    expect(problemOf('toString')).toBeUndefined();
  });
});

describe('domain events', () => {
  it.each(Object.entries(DOMAIN_EVENTS))('%s tells plain JSON', (name, payload) => {
    expect(name).toMatch(/^[a-z]+\.[a-z]+(-[a-z]+)*$/);
    expect(() => z.toJSONSchema(payload)).not.toThrow();
  });
});
