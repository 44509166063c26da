import { describe, expect, it } from '@jest/globals';
import { COMMANDS } from './commands.ts';
import { runCli } from './run-cli.ts';

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(args, { write: (text) => void (out += text), complain: (text) => void (err += text) });
  return { code, out, err };
}

describe('npm run license', () => {
  it('explains itself and each of its commands to whoever asks', async () => {
    expect(await cli('--help')).toMatchObject({ code: 0, out: expect.stringMatching(/^Uso:\n {2}npm run/), err: '' });
    for (const { word } of COMMANDS) {
      const { code, out } = await cli(word, '--help');
      expect([word, code, out.includes(`license -- ${word}`), out.includes('con 2 por mal uso')]).toEqual([
        word,
        0,
        true,
        true,
      ]);
    }
  });

  it('ends with 2 and says how it is called when the call is wrong, and asks no house', async () => {
    for (const args of [
      [],
      ['nada'],
      ['show', 'x'],
      ['show', '--nada'],
      ['show', '--json=1'],
      ['install'],
      ['install', ''],
      ['install', 'a', 'b'],
      ['request', 'x'],
      ['request', '--out', ''],
      ['request', '--qr'],
      ['request', '--qr', 'codigo.gif'],
      ['request', '--qr', '.svg'],
      ['fingerprint', 'x'],
      ['rebind', 'x'],
    ]) {
      const { code, out, err } = await cli(...args);
      expect([args, code, out]).toEqual([args, 2, '']);
      expect(err).toContain('npm run --silent license -- ');
    }
  });
});
