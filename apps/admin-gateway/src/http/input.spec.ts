import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { retryJobs } from '../agents/jobs.routes.ts';
import { pageQuery } from './cursor.ts';
import { readInput, type InputPlace } from './input.ts';
import { Problem } from './problem.ts';

const schema = z.strictObject({
  id: z.uuid().optional(),
  name: z.string().max(3).optional(),
  state: z.enum(['on', 'off']).optional(),
  lines: z.array(z.strictObject({ amount: z.string().regex(/^\d+$/) })).optional(),
});

function refusalOf(value: unknown, place: InputPlace = 'body', by: z.ZodType = schema): Problem {
  try {
    readInput(by, value, place);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('the input was taken');
}

describe('readInput', () => {
  it.each([
    ['an unknown field', { nome: 'x' }, 'nome'],
    ['a wrong JSON type', { name: 1 }, 'name'],
    ['an id that is no UUID', { id: 'x' }, 'id'],
    ['an unknown field deep inside', { lines: [{ amount: '1', x: 1 }] }, 'lines[0].x'],
    ['a missing field', { lines: [{}] }, 'lines[0].amount'],
    ['no object at all', [], ''],
  ])('answers 400 to %s and names it', (_name, value, path) => {
    const refusal = refusalOf(value);
    expect(refusal.status).toBe(400);
    expect(refusal.errors?.[0]?.path).toBe(path);
  });

  it.each([
    ['a text that is too long', { name: 'four' }, 'name'],
    ['a word outside its catalogue', { state: 'maybe' }, 'state'],
    ['a text of the wrong form', { lines: [{ amount: 'x' }] }, 'lines[0].amount'],
  ])('answers 422 to %s and names it', (_name, value, path) => {
    const refusal = refusalOf(value);
    expect(refusal.status).toBe(422);
    expect(refusal.errors?.[0]?.path).toBe(path);
  });

  it('says in Spanish which field is missing or wrong', () => {
    expect(refusalOf({}, 'body', retryJobs.body).message).toBe('En el cuerpo: debe llevar ids o filter.');
    const { message, errors } = refusalOf({ nome: 'x', name: 1 });
    expect(message).toBe('En el cuerpo, «name»: debe ser texto (y 1 más, vea errors).');
    expect(errors).toContainEqual({ path: 'nome', message: 'no se conoce; quítelo' });
  });

  it('names all faults at once and answers 400 when one of them is of shape', () => {
    const refusal = refusalOf({ name: 'four', state: 1 });
    expect(refusal.status).toBe(400);
    expect(refusal.errors?.map(({ path }) => path)).toEqual(['name', 'state']);
  });

  it('takes a text of the wrong form in the query for malformed, a number out of range for a broken rule', () => {
    const query = z.strictObject(pageQuery);
    expect(refusalOf({ limit: 'x' }, 'query', query).status).toBe(400);
    expect(refusalOf({ cursor: 'x' }, 'query', query).status).toBe(400);
    expect(refusalOf({ limit: ['1', '2'] }, 'query', query).status).toBe(400);
    expect(refusalOf({ limit: '201' }, 'query', query).status).toBe(422);
  });
});
