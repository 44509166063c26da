import { z } from 'zod';
import { defineKind } from './kind.ts';
import { LICENSE_MODES } from './license.ts';

/** What a cycle of the licence came to. */
const outcome = z.object({
  mode: z.enum(LICENSE_MODES),
  /** Why the mode is not `valid`, in English words; null when it is. */
  reason: z.string().nullable(),
  /** Whether a renewed document was taken in this cycle. */
  renewed: z.boolean(),
  /** Why none was, in words; null when one was taken or none was asked for. */
  notRenewed: z.string().nullable(),
});

const nothing = z.object({}).strict();

/** Jobs of the license agent. */
export const licenseKinds = {
  /** On request: verifies, renews and fetches the revocation list if there is a line, decides the mode, records it. */
  sync: defineKind({
    name: 'license.sync',
    payload: nothing,
    result: outcome,
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
  }),
  /** The renewal that is due: waits for the line, ahead of all other work. Being asked twice, the portal answers twice. */
  renew: defineKind({
    name: 'license.renew',
    payload: nothing,
    result: outcome,
    delivery: 'at-least-once',
    needsInternet: 'licence',
    dependsOnTime: false,
  }),
  /** Takes a file that a person brought: a licence, a reply of the portal, or a revocation list. */
  install: defineKind({
    name: 'license.install',
    payload: z.object({ envelope: z.string().min(1).max(140_000) }).strict(),
    result: outcome,
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
  }),
  /** Asks the portal to bind the licence to the machine that this is now; once in 30 days. */
  rebind: defineKind({
    name: 'license.rebind',
    payload: nothing,
    result: outcome,
    delivery: 'at-least-once',
    needsInternet: 'licence',
    dependsOnTime: false,
    enqueuers: ['gateway'],
  }),
};

export type LicenseKinds = typeof licenseKinds;
