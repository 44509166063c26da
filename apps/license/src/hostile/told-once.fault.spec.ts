import { describe, it } from '@jest/globals';
import { toldOnce } from './told-once.conformance.ts';

describe('a change of mode is told once by two agents, one of which dies by kill -9', () => {
  // Before and after the portal is asked nothing changes here: the house is without a line, and nobody gets so far.
  it.each(['license.after-rows', 'license.after-file', 'license.after-commit'] as const)(
    'at %s',
    (place) => toldOnce(place),
    120_000,
  );
});
