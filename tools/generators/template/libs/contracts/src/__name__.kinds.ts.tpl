import { z } from 'zod';
import { defineKind } from './kind.ts';

/** Jobs of the __name__ agent. */
export const __camel__Kinds = {
  /** Notes an id, once. */
  note: defineKind({
    name: '__name__.note',
    payload: z.object({ noteId: z.uuid() }).strict(),
    result: z.object({ isNew: z.boolean() }),
    delivery: 'at-least-once',
    enqueuers: ['client', 'gateway'],
    shown: ['noteId'],
  }),
};

export type __Pascal__Kinds = typeof __camel__Kinds;
