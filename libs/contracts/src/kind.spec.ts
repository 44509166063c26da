import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { cfdiKinds } from './cfdi.kinds.ts';
import { defineKind, ownerOf, type Kind, type PayloadOf, type ResultOf } from './kind.ts';
import { syncKinds } from './sync.kinds.ts';

const everyKind: Kind[] = [...Object.values(cfdiKinds), ...Object.values(syncKinds)];

describe('defineKind', () => {
  it('promises the cautious defaults when a kind says nothing', () => {
    const kind = defineKind({ name: 'cfdi.probe', payload: z.object({}), result: z.null() });
    expect(kind).toMatchObject({
      needsInternet: false,
      needsLicense: false,
      dependsOnTime: false,
      delivery: 'ask',
      ordered: false,
      enqueuers: [],
      shown: [],
    });
  });

  it.each(['stamp', 'cfdi.', '.stamp', 'Cfdi.stamp', 'cfdi.stamp.now', 'cfdi.-x', 'cfdi stamp'])(
    'refuses the name "%s" and says how a name looks',
    (name) => {
      expect(() => defineKind({ name, payload: z.object({}), result: z.null() })).toThrow(/cfdi\.stamp/);
    },
  );

  it('carries the types of payload and result', () => {
    const kind = defineKind({ name: 'cfdi.probe', payload: z.object({ id: z.string() }), result: z.number() });
    const payload: PayloadOf<typeof kind> = { id: 'a' };
    const result: ResultOf<typeof kind> = 7;
    // @ts-expect-error a payload of another shape does not compile
    const wrong: PayloadOf<typeof kind> = { id: 7 };
    expect([payload, result, wrong]).toHaveLength(3);
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(cfdiKinds.stamp)).toBe(true);
  });
});

describe('the kinds of the house', () => {
  it('have names of their own', () => {
    expect(new Set(everyKind.map((kind) => kind.name)).size).toBe(everyKind.length);
  });

  it.each(everyKind.map((kind) => [kind.name, kind] as const))('%s takes and gives plain JSON', (_name, kind) => {
    expect(() => z.toJSONSchema(kind.payload)).not.toThrow();
    expect(() => z.toJSONSchema(kind.result)).not.toThrow();
  });

  it('belong to the agent before the dot', () => {
    expect(ownerOf(cfdiKinds.stamp)).toBe('cfdi');
    expect(ownerOf(syncKinds.prune)).toBe('sync');
  });

  it('are judged by shape: a stamping without an id is refused', () => {
    expect(cfdiKinds.stamp.payload.safeParse({}).success).toBe(false);
    expect(cfdiKinds.stamp.payload.safeParse({ comprobanteId: 'x' }).success).toBe(false);
    expect(cfdiKinds.stamp.payload.safeParse({ comprobanteId: '0192f0c1-7b1a-7e1a-8f1a-0192f0c17b1a' }).success).toBe(
      true,
    );
  });
});
