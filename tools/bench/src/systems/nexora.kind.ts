import { defineKind } from '@nexora/contracts';
import { z } from 'zod';

/** The one kind of the benchmark. */
export const touch = defineKind({
  name: 'bench.touch',
  payload: z.object({ id: z.number().int() }),
  result: z.object({}),
});
