import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until, type NodeProcess } from '@nexora/testing';
import { CfdiHouse } from '../cfdi-house.conformance.ts';

let house: CfdiHouse;
let agent: NodeProcess;

beforeAll(async () => {
  house = await CfdiHouse.open();
  agent = await house.start({ CFDI_STAMPS_LOW: '50' });
}, 120_000);
afterAll(() => house.close());

interface Left {
  readonly rfc: string | null;
  readonly restantes: number;
  readonly low_since: Date | null;
}

/** Counts the stamps now, and waits until there are as many. */
async function counted(stamps: number): Promise<Left> {
  await house.sandbox.client.pac(`stamps:${stamps}`);
  await house.sql(`SELECT agents.run_schedule('cfdi.stamps-left')`);
  let left: Left | undefined;
  await until(
    async () => {
      [left] = await house.sql<Left>('SELECT * FROM agents.stamps_left');
      return left?.restantes === stamps;
    },
    { within: 20_000, what: `${stamps} stamps` },
  );
  return left!;
}

/** The agent's own word about the stamps, as it tells it to the gateway. */
async function dependency(): Promise<unknown> {
  const text = `SELECT d AS dependency FROM agents.alive a, jsonb_array_elements(a.about->'dependencies') d
                 WHERE a.agent = 'cfdi' AND d->>'name' = 'timbres'`;
  return (await house.sql<{ dependency: unknown }>(text))[0]?.dependency;
}

describe('the stamps left', () => {
  it('are asked of the PAC, and shown to whoever may read the view', async () => {
    expect(await counted(1_000)).toMatchObject({ rfc: null, low_since: null });
  });

  it('raise an alarm when they are few, in the log and in the health of the agent, until there are more', async () => {
    expect((await counted(49)).low_since).not.toBeNull();
    await agent.line(/"event":"stamps-low".*"left":49/);
    await until(async () => JSON.stringify(await dependency()).includes('Quedan 49 timbres'), {
      within: 20_000,
      what: 'the health to show it',
    });
    expect(await dependency()).toMatchObject({ status: 'down' });
    expect((await counted(51)).low_since).toBeNull();
    await agent.line(/"event":"stamps-enough"/);
  });
});
