import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { until } from '@nexora/testing';
import { GALERIA } from '../representacion/muestras/galeria.conformance.ts';
import { concepto, muestra } from '../representacion/muestras/muestras.conformance.ts';
import { DEFAULT_STYLE } from './issuer-styles.ts';
import { Press, Undrawable } from './press.ts';

class PressOfTests extends Press {
  override limitMs = 60_000;
}

const press = new PressOfTests();
afterAll(() => press.onModuleDestroy());
const draw = (xml: Buffer): Promise<Buffer> => press.draw(xml, DEFAULT_STYLE);

/** The memory of a process, in MB (Linux). */
async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

describe('the process that draws PDFs', () => {
  it('draws in the style that it is given', async () => {
    const plain = await draw(muestra());
    expect(plain.subarray(0, 5).toString()).toBe('%PDF-');
    const image = sharp({ create: { width: 30, height: 10, channels: 4, background: '#ff000080' } });
    const logo = await image.png().toBuffer(); // with transparency: as somebody may have put it into the table
    const styled = await press.draw(muestra(), { logo, color: '#aa3311', idioma: 'en', isCancelled: true });
    expect(styled.toString('latin1')).toContain('/Subtype /Image');
    expect(plain.toString('latin1')).not.toContain('/Subtype /Image');
    const damaged = await press.draw(muestra(), { ...DEFAULT_STYLE, logo: logo.subarray(0, 40) });
    expect(damaged.equals(plain)).toBe(true);
  });

  it('says why a document cannot be drawn, and draws the next', async () => {
    await expect(draw(Buffer.from('<nada/>'))).rejects.toThrow(new Undrawable('El documento no es un CFDI 4.0.'));
    await expect(draw(Buffer.from('no xml'))).rejects.toThrow(Undrawable);
    const { pid } = press;
    await draw(muestra());
    expect(press.pid).toBe(pid);
  });

  it('draws what looks hard, in bounded memory', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      for (const xml of Object.values(GALERIA)) expect((await draw(xml())).length).toBeGreaterThan(1_000);
    }
    if (process.platform === 'linux') expect(await residentMb(press.pid!)).toBeLessThan(200);
  });

  it('is started anew when it dies: one document fails, those that wait are drawn', async () => {
    await draw(muestra());
    const { pid } = press;
    const large = muestra({ conceptos: Array.from({ length: 3_000 }, () => concepto()) });
    const [first, second] = [expect(draw(large)).rejects.toThrow('ended'), draw(muestra())];
    process.kill(pid!, 'SIGKILL');
    await first;
    expect((await second).length).toBeGreaterThan(1_000);
    expect(press.pid).not.toBe(pid);
  });

  it('is given up when it hangs', async () => {
    await draw(muestra());
    const { pid } = press;
    process.kill(pid!, 'SIGSTOP');
    press.limitMs = 1_000;
    const first = expect(draw(muestra())).rejects.toThrow('more than 1 s');
    press.limitMs = 60_000;
    const second = draw(muestra());
    await first;
    expect((await second).length).toBeGreaterThan(1_000);
    await until(() => isGone(pid!), { within: 5_000, what: 'the hanging process to be gone' });
  });

  it('orders that wait when the press is closed fail instead of waiting for ever', async () => {
    const refused = [draw(muestra()), draw(muestra())].map((one) => expect(one).rejects.toThrow('was ended'));
    press.onModuleDestroy();
    await Promise.all(refused);
  });
});

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
