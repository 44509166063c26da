import { describe, expect, it } from '@jest/globals';
import { Problem } from './problem.ts';
import { askingSql } from './sql-refusal.ts';

/** An error as the driver throws it. */
function raised(code: string, detail?: object | string): Error {
  const text = typeof detail === 'object' ? JSON.stringify(detail) : detail;
  return Object.assign(new Error('Ya existe.'), { code, detail: text });
}

async function refusalOf(error: Error): Promise<unknown> {
  return askingSql(Promise.reject(error)).catch((thrown: unknown) => thrown);
}

describe('what a function of another room refuses', () => {
  it.each([
    ['NX400', { code: 'cfdi.wrong-type' }, 400, 'http.malformed'],
    ['NX404', { code: 'cfdi.not-found' }, 404, 'cfdi.not-found'],
    ['NX409', { code: 'cfdi.folio-conflict' }, 409, 'cfdi.folio-conflict'],
    ['NX409', { code: 'cfdi.something-new' }, 409, 'http.conflict'],
    ['NX413', { code: 'cfdi.too-large' }, 413, 'http.too-large'],
    ['NX422', { code: 'cfdi.not-found' }, 422, 'http.unprocessable'],
    ['NX002', undefined, 413, 'agents.payload-too-large'],
    ['NX001', undefined, 503, 'http.unavailable'],
  ] as const)('as %s %j becomes %i %s', async (state, fault, status, code) => {
    const detail = fault && { ...fault, field: 'folio', message: 'Ya existe.', remedy: 'Use otro.' };
    const problem = await refusalOf(raised(state, detail));
    expect(problem).toBeInstanceOf(Problem);
    expect([(problem as Problem).status, (problem as Problem).code]).toEqual([status, code]);
    if (detail) {
      expect((problem as Problem).message).toBe('Ya existe. Use otro.');
      expect((problem as Problem).errors).toMatchObject([{ path: 'folio', remedy: 'Use otro.' }]);
    }
  });

  it('is still a refusal when its detail is no JSON', async () => {
    const problem = await refusalOf(raised('NX409', 'Key (a)=(b) already exists.'));
    expect((problem as Problem).message).toBe('Ya existe.');
    expect((problem as Problem).errors).toBeUndefined();
  });

  it('leaves every other error as it is', async () => {
    const other = raised('42501');
    expect(await refusalOf(other)).toBe(other);
  });
});
