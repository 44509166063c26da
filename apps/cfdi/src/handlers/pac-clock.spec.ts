import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { collected, Telemetry } from '@nexora/runtime';
import { TestClock } from '@nexora/testing';
import { PacClock } from './pac-clock.ts';

const MINUTE_MS = 60_000;
const AWAY_MS = 73 * 60 * MINUTE_MS;

let server: Server;
let url: string;
/** What the PAC says when it is asked for its time; null: it tells none. */
let shown: Date | null;
let asked = 0;

beforeAll(async () => {
  server = createServer((_request, response) => {
    asked += 1;
    response.sendDate = false;
    response.writeHead(404, shown === null ? {} : { date: shown.toUTCString() }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
});
beforeEach(() => {
  asked = 0;
});
afterAll(() => void server.close());

function measured(skewMs: number, address = url) {
  const clock = new TestClock();
  const lines: Record<string, unknown>[] = [];
  const telemetry = Telemetry.open({ agent: 'cfdi', level: 'debug', sink: collected(lines as never) });
  const pacClock = new PacClock(clock, telemetry, { host: '127.0.0.1' }, { PAC_URL: address });
  pacClock.note(skewMs);
  return { clock, pacClock, told: () => lines.map((line) => JSON.stringify(line)).join('\n') };
}

describe('what is known of the PAC’s clock', () => {
  it('stops sealing when ours is off by more than five minutes, not by less', async () => {
    expect(await measured(AWAY_MS).pacClock.stopsSealing()).toBe(true);
    expect(await measured(-AWAY_MS).pacClock.stopsSealing()).toBe(true);
    expect(await measured(4 * MINUTE_MS).pacClock.stopsSealing()).toBe(false);
  });

  it('warns once over two minutes, once more when nothing is sealed, and tells when it is right again', () => {
    const { pacClock, told } = measured(3 * MINUTE_MS);
    for (const skewMs of [3 * MINUTE_MS, 6 * MINUTE_MS, 7 * MINUTE_MS, 0, 0]) pacClock.note(skewMs);
    expect(told().match(/pac-clock-[a-z]+/g)).toEqual(['pac-clock-off', 'pac-clock-off', 'pac-clock-right']);
  });

  it('is asked for every minute while nothing is sealed, and sealing goes on once it is right', async () => {
    const { clock, pacClock } = measured(AWAY_MS);
    expect(await pacClock.stopsSealing()).toBe(true);
    expect(asked).toBe(0);
    await clock.advance(MINUTE_MS);
    shown = new Date(clock.now().getTime() + AWAY_MS);
    expect(await pacClock.stopsSealing()).toBe(true);
    await clock.advance(MINUTE_MS);
    shown = clock.now();
    expect(await Promise.all([pacClock.stopsSealing(), pacClock.stopsSealing()])).toEqual([false, false]);
    expect(asked).toBe(2);
  });

  it('waits for no PAC that tells no time, and goes on waiting while there is no line', async () => {
    const silent = measured(AWAY_MS);
    shown = null;
    await silent.clock.advance(MINUTE_MS);
    expect(await silent.pacClock.stopsSealing()).toBe(false);
    const away = measured(AWAY_MS, 'http://127.0.0.1:1');
    await away.clock.advance(MINUTE_MS);
    expect(await away.pacClock.stopsSealing()).toBe(true);
  });

  it('is forgotten when our clock is set, and measured anew', async () => {
    const { clock, pacClock } = measured(AWAY_MS);
    clock.step(new Date(clock.now().getTime() + AWAY_MS));
    expect(await pacClock.stopsSealing()).toBe(false);
    pacClock.note(AWAY_MS);
    expect(await pacClock.stopsSealing()).toBe(true);
  });
});
