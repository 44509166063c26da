import { describe, expect, it } from '@jest/globals';
import { CELLS, PLACES, PROTOCOLS, sampleOf, SCENES } from './cells.conformance.ts';

describe('the sample of the kill matrix', () => {
  it.each([0, 1, 2, 3, 4, 5, 123_456_789])('has every place, both protocols and every scene with seed %d', (seed) => {
    const sample = sampleOf(seed, 1);
    expect([...sample.map(({ place }) => place)].sort()).toEqual(expect.arrayContaining([...PLACES]));
    for (const place of PLACES) expect(sample.some((cell) => cell.place === place)).toBe(true);
    expect(new Set(sample.map(({ protocol }) => protocol)).size).toBe(PROTOCOLS.length);
    expect(new Set(sample.map(({ scene }) => scene)).size).toBe(SCENES.length);
    expect(sample).toHaveLength(PLACES.length + 1);
  });

  it('reaches every square with the seeds of some days', () => {
    const seen = new Set(Array.from({ length: 400 }, (_, seed) => sampleOf(seed, 1)).flat());
    expect(seen.size).toBe(CELLS.length);
  });
});
