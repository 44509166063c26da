import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { refOf } from '@nexora/embedded';
import { describeWhen, smallDisk, until } from '@nexora/testing';
import { Home } from '../home.ts';
import { readState, type StackState } from '../state.ts';
import { LogFile } from './log-file.ts';
import { StateFile } from './state-file.ts';

const self = refOf(process.pid);
if (self === null) throw new Error('no /proc here');
const starting: StackState = { supervisor: self, phase: 'starting', keyGiven: false, processes: [] };
const tried = smallDisk(1);
const mountable = 'skipped' in tried ? { met: false, otherwise: tried.skipped } : { met: true, otherwise: '' };
if (!('skipped' in tried)) tried.end();

async function onSmallDisk(
  test: (disk: Exclude<ReturnType<typeof smallDisk>, { skipped: string }>) => Promise<void>,
): Promise<void> {
  const disk = smallDisk(1);
  if ('skipped' in disk) throw new Error(disk.skipped);
  try {
    await test(disk);
  } finally {
    disk.end();
  }
}

describeWhen(mountable)('what the supervisor writes while the disk is full', () => {
  it('keeps the last state, says so once, and writes the newest as soon as there is room', () =>
    onSmallDisk(async (disk) => {
      const said: string[] = [];
      const home = new Home(disk.path);
      const file = new StateFile(home, (line) => said.push(line), 20);
      file.write(starting);
      disk.fill();
      const why = 'x'.repeat(10_000);
      file.write({ ...starting, phase: 'failed', why });
      file.write({ ...starting, phase: 'running', why });
      expect(readState(home)?.phase).toBe('starting');
      expect(said).toEqual([expect.stringContaining('ENOSPC')]);
      disk.empty();
      await until(() => readState(home)?.phase === 'running', { what: 'the state to be written' });
      expect(said).toEqual([expect.anything(), expect.stringContaining('again')]);
      file.close();
    }));

  it('loses log lines without an end, and logs again once there is room', () =>
    onSmallDisk(async (disk) => {
      const said: string[] = [];
      const log = new LogFile(`${disk.path}/app.log`, (line) => said.push(line));
      disk.fill();
      for (let line = 0; line < 3; line += 1) log.write('x'.repeat(10_000));
      expect(said).toEqual([expect.stringContaining('ENOSPC')]);
      disk.empty();
      log.write('here again\n');
      log.close();
      expect(readFileSync(`${disk.path}/app.log`, 'utf8')).toMatch(/here again\n$/);
    }));
});
