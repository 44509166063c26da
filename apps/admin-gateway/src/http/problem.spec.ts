import { NotFoundException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { Problem, PROBLEM_CODES, statusOf, titleOf } from './problem.ts';
import { problemOf } from './problem-of.ts';

describe('problems', () => {
  it('have an error status and a title of their own for every code', () => {
    for (const code of PROBLEM_CODES) {
      expect(statusOf(code)).toBeGreaterThanOrEqual(400);
      expect(titleOf(code)).not.toBe(code);
    }
  });

  it('are written as RFC 9457 wants them', () => {
    const problem = new Problem('http.unprocessable', 'Mend it.', { errors: [{ path: 'a', message: 'b' }] });
    expect(problem.document('/api/x', 'r')).toEqual({
      type: 'urn:nexora:problem:http.unprocessable',
      title: titleOf('http.unprocessable'),
      status: 422,
      detail: 'Mend it.',
      instance: '/api/x',
      errors: [{ path: 'a', message: 'b' }],
      requestId: 'r',
    });
  });

  it('tell nothing of the inside when an error is not known', () => {
    const problem = problemOf(new TypeError('relation gateway.secret does not exist'));
    expect(problem.status).toBe(500);
    expect(JSON.stringify(problem.document('/'))).not.toContain('secret');
  });

  it('are 503 with Retry-After when Postgres is away, however deep the cause lies', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' });
    for (const error of [refused, new Error('x', { cause: refused }), Object.assign(new Error(), { code: '57P01' })]) {
      const problem = problemOf(error);
      expect(problem.status).toBe(503);
      expect(Number(problem.headers['retry-after'])).toBeGreaterThan(0);
    }
  });

  it('keep the status that the framework meant', () => {
    expect(problemOf(new NotFoundException()).code).toBe('http.not-found');
  });
});
