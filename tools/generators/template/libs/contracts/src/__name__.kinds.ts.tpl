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
    // Also: needsInternet, its class, if it calls out; needsLicense, if new ones shall wait while the licence is limited.
    enqueuers: ['client', 'gateway'],
    shown: ['noteId'],
  }),
};

export type __Pascal__Kinds = typeof __camel__Kinds;
