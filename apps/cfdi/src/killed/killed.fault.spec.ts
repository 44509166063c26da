import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CfdiHouse } from '../cfdi-house.conformance.ts';
import { CELLS, sampleOf } from './cells.conformance.ts';
import { Killing } from './killing.conformance.ts';

/** The whole matrix on demand; else every place once, and one square more, by the seed. */
const seed = Number(process.env['NEXORA_SEED'] ?? Date.now() % 2 ** 31);
const isComplete = process.env['NEXORA_FAULTS'] === 'all';
const cells = isComplete ? CELLS : sampleOf(seed, 1);

let house: CfdiHouse;
let killing: Killing;
const all: string[] = [];

beforeAll(async () => {
  house = await CfdiHouse.open();
  killing = new Killing(house);
}, 120_000);
afterAll(() => house.close());

describe(`comprobantes are stamped once and kept when the agent is killed (NEXORA_SEED=${seed})`, () => {
  it.each(cells)(
    '$place, $scene, at a PAC of protocol $protocol',
    async (cell) => {
      const ids = await killing.kill(cell);
      all.push(...ids);
      await killing.areWhole(ids);
    },
    120_000,
  );

  if (isComplete) {
    it('before-request, when nobody starts the dead one again: its replica takes over once it is declared lost', async () => {
      const ids = await killing.killForGood({
        place: 'cfdi.before-request',
        protocol: 'sw',
        scene: 'with another replica',
      });
      all.push(...ids);
      await killing.areWhole(ids, 90_000);
    }, 180_000);
  }

  it('and the PAC has seen as many sorts of bytes, and made as many stamps, as there are comprobantes', async () => {
    expect(all.length).toBeGreaterThanOrEqual(cells.length);
    await killing.isCounted(all);
  });
});
