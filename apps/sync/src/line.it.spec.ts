import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DrainHouse } from './drain/drain-house.conformance.ts';

let house: DrainHouse;
beforeEach(async () => {
  house = await DrainHouse.open();
});
afterEach(() => house.close());

/** Only something else can make the agent ask meanwhile. */
const SELDOM = { AGENTS_HEARTBEAT_SECONDS: '240' };

const lastError = async () =>
  (await house.sql<{ error: string }>('SELECT last_error AS error FROM agents.connectivity_state'))[0]?.error;

describe('the line, as real agents find it over real sockets', () => {
  it('is offline by three failures within seconds of another agent’s failed call, long before the next heartbeat', async () => {
    await house.startSync({ pace: 4, env: SELDOM });
    await house.becomes('online');
    await house.startDrain({ pace: 20 });
    await house.cut();
    await house.handOver('copy', 1);
    await house.becomes('offline', 9_000); // the next heartbeat would be a minute away
    expect(await house.count('attempts > 0')).toBe(0);
  });

  it('is offline behind a captive portal that answers 200 with a page of its own, and online once somebody signed in', async () => {
    house.outside.manner = 'portal';
    await house.startSync({ pace: 20 });
    await house.becomes('offline');
    expect(await lastError()).toBe('answered with another body than expected');
    await house.startDrain({ pace: 20 });
    await house.handOver('notify', 3);
    house.outside.manner = 'well';
    await house.becomes('online');
    await house.drained();
    expect([house.outside.count('drain.notify'), house.outside.doubles]).toEqual([3, []]);
  });

  it('is watched by the ports of the PAC and of the licence portal where no heartbeat address is set', async () => {
    const [pac, portal] = [await house.lineTo(house.outside.url), 'http://127.0.0.1:9'];
    const env = { AGENTS_HEARTBEAT_URL: '', AGENTS_HEARTBEAT_EXPECT: '', PAC_URL: pac, LICENSE_PORTAL_URL: portal };
    await house.startSync({ pace: 20, env });
    await house.becomes('online');
    await house.cut();
    await house.becomes('offline');
    expect(await lastError()).toMatch(/^none of 127\.0\.0\.1:\d+, 127\.0\.0\.1:9 can be reached$/);
    await house.restore();
    await house.becomes('online');
  });
});
