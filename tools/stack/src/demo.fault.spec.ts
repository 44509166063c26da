import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { descendantsOf, isAlive } from '@nexora/embedded';
import { until } from '@nexora/testing';
import { TestHouse } from './fixtures/commands.ts';

const WITHIN_MS = 300_000;
/** Temporary files of these demonstrations alone; Postgres runs as another user, who must get there. */
const temporary = mkdtempSync(join(tmpdir(), 'nexora-demos-'));
chmodSync(temporary, 0o711);
const house = new TestHouse({ TMPDIR: temporary });

afterAll(async () => {
  await house.end();
  rmSync(temporary, { recursive: true, force: true });
}, 60_000);

const folders = () => readdirSync(temporary).filter((name) => name.startsWith('nexora-demo-'));

describe('the demonstration', () => {
  it(
    'stamps each of 20 comprobantes once, though the agent is killed and the line cut',
    async () => {
      const { code, output } = await house.run('demo');
      expect(code === 0 ? 'right' : output).toBe('right');
      expect(output.match(/✓ .*20 of 20/g)).toHaveLength(7);
      expect(folders()).toEqual([]);
    },
    WITHIN_MS,
  );

  it(
    'leaves no process and no folder when it is interrupted',
    async () => {
      const demo = await house.begin('demo');
      const came = () => (demo.output.tail().includes('hands over') ? 'playing' : demo.exit);
      expect(await until(came, { within: WITHIN_MS, what: 'the play to begin' })).toBe('playing');
      const started = descendantsOf(demo.pid);
      expect(started.length).toBeGreaterThan(5);
      expect(await demo.stop('SIGINT', 60_000)).toEqual({ code: 1, signal: null });
      expect([started.filter(isAlive), folders()]).toEqual([[], []]);
    },
    WITHIN_MS,
  );
});
