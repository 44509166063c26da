import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from '@jest/globals';
import { descendantsOf, isAlive } from '@nexora/embedded';
import { until } from '@nexora/testing';
import { TestHouse } from './fixtures/commands.ts';

const WITHIN_MS = 300_000;
const house = new TestHouse();

afterAll(() => house.end(), 60_000);

/** Folders of demonstrations on this machine. */
const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('nexora-demo-'));

describe('the demonstration', () => {
  it(
    'stamps each of 20 comprobantes once, though the agent is killed and the line cut',
    async () => {
      const before = folders();
      const { code, output } = await house.run('demo');
      expect(code === 0 ? 'right' : output).toBe('right');
      expect(output.match(/✓ .*20 of 20/g)).toHaveLength(7);
      expect(folders()).toEqual(before);
    },
    WITHIN_MS,
  );

  it(
    'leaves no process and no folder when it is interrupted',
    async () => {
      const before = folders();
      const demo = await house.begin('demo');
      const came = () => (demo.output.tail().includes('hands over') ? 'playing' : demo.exit);
      expect(await until(came, { within: WITHIN_MS, what: 'the play to begin' })).toBe('playing');
      const started = descendantsOf(demo.pid);
      expect(started.length).toBeGreaterThan(5);
      expect(await demo.stop('SIGINT', 60_000)).toEqual({ code: 1, signal: null });
      expect([started.filter(isAlive), folders()]).toEqual([[], before]);
    },
    WITHIN_MS,
  );
});
