import { defineKind } from '@nexora/contracts';
import { z } from 'zod';

const payload = z.object({ id: z.number().int() });

/** Kinds of the classes that follow stamping, for agents that the house does not have yet. */
export const laterKinds = {
  notify: defineKind({ name: 'later.notify', payload, result: z.null(), needsInternet: 'notification' }),
  copy: defineKind({ name: 'later.copy', payload, result: z.null(), needsInternet: 'copy' }),
};
