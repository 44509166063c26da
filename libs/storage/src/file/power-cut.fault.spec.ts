import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { spawnNode } from '@nexora/testing';

const entry = fileURLToPath(new URL('./fixtures/power-cut.ts', import.meta.url));

describe('a directory after a power cut', () => {
  it('holds the old object or the new one, whole, at every instant; the new one once the put has answered', async () => {
    const run = await spawnNode({ entry });
    const [, json = '{}'] = await run.line(/^result (.*)$/, 60_000);
    const { states, steps, faults } = JSON.parse(json) as { states: number; steps: number; faults: string[] };
    expect(faults).toEqual([]);
    expect(steps).toBeGreaterThan(40);
    expect(states).toBeGreaterThan(300);
  }, 90_000);
});
