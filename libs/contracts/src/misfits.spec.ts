import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { misfitsOf } from './misfits.ts';

const schema = z.strictObject({
  id: z.uuid().optional(),
  name: z.string().min(2).max(3).optional(),
  state: z.enum(['on', 'off']).optional(),
  count: z.int().min(1).max(9).optional(),
  code: z.string().regex(/^\d+$/).optional(),
  lines: z
    .array(z.strictObject({ amount: z.string() }))
    .min(1)
    .optional(),
  host: z
    .string()
    .refine((text) => text === 'x', 'debe ser x')
    .optional(),
});
const either = z.strictObject({
  which: z.union([z.strictObject({ ids: z.array(z.uuid()) }), z.strictObject({ filter: z.object({}) })]),
});

function told(value: unknown, by: z.ZodType = schema): string[] {
  const { error } = by.safeParse(value, { reportInput: true });
  return misfitsOf(error?.issues ?? []).map(({ path, message }) => `${path} ${message}`);
}

describe('what does not fit a schema', () => {
  it.each([
    [{ id: 'secreto' }, 'id debe ser un UUID'],
    [{ name: 'x' }, 'name debe tener al menos 2 caracteres'],
    [{ name: 'four' }, 'name debe tener a lo más 3 caracteres'],
    [{ name: 7 }, 'name debe ser texto'],
    [{ state: 'secreto' }, 'state debe ser on, off'],
    [{ count: 0 }, 'count debe ser al menos 1'],
    [{ count: 1.5 }, 'count debe ser un número entero'],
    [{ code: 'secreto' }, 'code no tiene la forma esperada'],
    [{ lines: [] }, 'lines debe tener al menos 1 elemento'],
    [{ lines: [{}] }, 'lines[0].amount falta'],
    [{ lines: [{ amount: '1', x: 1 }] }, 'lines[0].x no se conoce; quítelo'],
    [{ host: 'secreto' }, 'host debe ser x'],
    ['secreto', ' debe ser un objeto'],
  ])('%j: "%s", in Spanish and without the value', (value, sentence) => {
    expect(told(value)).toEqual([sentence]);
  });

  it('names the fields that tell several forms apart, or what is wrong with the one that was meant', () => {
    expect(told({ which: {} }, either)).toEqual(['which debe llevar ids o filter']);
    expect(told({ which: { ids: ['x'] } }, either)).toEqual(['which.ids[0] debe ser un UUID']);
  });
});
