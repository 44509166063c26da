import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { AgentHouse } from './agent-house.conformance.ts';
import { TestVendor } from './desk-house.conformance.ts';

let house: AgentHouse;

beforeEach(async () => {
  house = await AgentHouse.open({});
}, 30_000);

afterEach(() => house.close());

const { hex } = new TestVendor();

it.each([
  ['no key is set', '', 'no key'],
  ['there is no licence', hex, 'no license'],
])('starts and stays healthy when %s', async (_, keys, reason) => {
  const agent = await house.start('license-1', { LICENSE_PUBLIC_KEY_HEX: keys });
  expect(await house.mode('invalid')).toMatchObject({ reason });
  const url = /"url":"(http:[^"]+)"/.exec(agent.output)?.[1] ?? '';
  for (const path of ['live', 'ready']) expect((await fetch(`${url}/health/${path}`)).status).toBe(200);
  expect(await agent.stop()).toEqual({ code: 0, signal: null });
});
