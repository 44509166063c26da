import { it } from '@jest/globals';
import { toldOnce } from './told-once.conformance.ts';

it('a change of mode is told once by two agents, one of which dies by kill -9 while it records the change', async () => {
  await toldOnce('license.after-rows');
}, 90_000);
