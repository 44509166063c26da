import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Failpoint, FAILPOINTS } from './failpoint.ts';

const folder = mkdtempSync(join(tmpdir(), 'failpoint-'));
afterAll(() => rmSync(folder, { recursive: true }));
const MODULE = fileURLToPath(new URL('./failpoint.ts', import.meta.url));

function passing(armed: string): NodeJS.Signals | null {
  const script = `const { Failpoint } = await import(${JSON.stringify(MODULE)}); new Failpoint(${JSON.stringify(armed)}).pass('cfdi.after-row');`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal;
}

describe('a failpoint', () => {
  it('does nothing unless it is armed', () => {
    for (const place of FAILPOINTS) expect(() => new Failpoint('').pass(place)).not.toThrow();
    expect(passing('')).toBeNull();
    expect(passing(`cfdi.after-pdf:${join(folder, 'other')}`)).toBeNull();
  });

  it('kills the process once, and the next one passes', () => {
    const marker = join(folder, 'once');
    expect(passing(`cfdi.after-row:${marker}`)).toBe('SIGKILL');
    expect(existsSync(marker)).toBe(true);
    expect(passing(`cfdi.after-row:${marker}`)).toBeNull();
  });

  it('is one of several, each with a marker of its own, and armed again without it', () => {
    const [here, there] = [join(folder, 'here'), join(folder, 'there')];
    const armed = `cfdi.after-pdf:${there},cfdi.after-row:${here}`;
    expect([passing(armed), passing(armed), existsSync(there)]).toEqual(['SIGKILL', null, false]);
    rmSync(here);
    expect(passing(armed)).toBe('SIGKILL');
  });
});
