import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ejemploDeIngreso } from '@nexora/comprobante';
import { describeWhen, satResource, satResources } from '@nexora/testing';
import { COMMANDS } from './commands.ts';
import { runCli } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'cfdi-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(args, { write: (text) => void (out += text), complain: (text) => void (err += text) });
  return { code, out, err };
}

const NS = 'xmlns:cfdi="http://www.sat.gob.mx/cfd/4"';

describe('npm run cfdi', () => {
  it('shows its usage and ends with 2 when the command is none', async () => {
    for (const args of [[], ['nada']]) {
      expect(await cli(...args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('cfdi -- cadena') });
    }
    expect(await cli('issuer')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('issuer list') });
  });

  it('explains itself and each of its commands to whoever asks', async () => {
    expect(await cli('--help')).toMatchObject({ code: 0, out: expect.stringContaining('csd check'), err: '' });
    for (const { words } of COMMANDS) {
      const { code, out } = await cli(...words, '--help');
      expect([code, out.includes(`cfdi -- ${words.join(' ')}`), out.includes('Códigos de salida')]).toEqual([
        0,
        true,
        true,
      ]);
    }
  });

  it('ends with 2 when something is missing, unknown or cannot be read', async () => {
    for (const args of [
      ['cadena'],
      ['cadena', 'a', 'b'],
      ['cadena', join(folder, 'no-such-file')],
      ['cadena', '--nada', 'x'],
      ['letra'],
      ['seal', file('d.json', '{}')],
      ['pdf', 'a'],
    ]) {
      expect([args, (await cli(...args)).code]).toEqual([args, 2]);
    }
  });

  it('writes the cadena original and not a byte more', async () => {
    const xml = file('c.xml', `<cfdi:Comprobante ${NS} Version="4.0" Serie=" A  1 "/>`);
    expect(await cli('cadena', xml)).toEqual({ code: 0, out: '||4.0|A 1||||||||||', err: '' });
  });

  it('ends with 1 for what is no CFDI and with 3 for a complemento that it does not know', async () => {
    expect((await cli('cadena', file('x.txt', 'hola'))).code).toBe(1);
    expect((await cli('cadena', file('x.xml', '<a/>'))).code).toBe(1);
    expect((await cli('verify', file('v.xml', `<cfdi:Comprobante ${NS}/>`))).code).toBe(1);
    expect(await cli('issuer', 'add', '--rfc', 'x', '--nombre', 'n', '--regimen', '601')).toMatchObject({
      code: 1,
      err: expect.not.stringContaining('npm run'),
    });
    const unknown = `<cfdi:Comprobante ${NS}><cfdi:Complemento><n:Nomina xmlns:n="http://www.sat.gob.mx/nomina12"/></cfdi:Complemento></cfdi:Comprobante>`;
    expect(await cli('cadena', file('n.xml', unknown))).toMatchObject({ code: 3, out: '' });
  });

  it('writes amounts in words', async () => {
    expect(await cli('letra', '21.50')).toEqual({ code: 0, out: 'VEINTIÚN PESOS 50/100 M.N.\n', err: '' });
    expect(await cli('letra', '1', 'USD')).toMatchObject({ out: 'UN DÓLAR 00/100 USD\n' });
    expect(await cli('letra', 'uno')).toMatchObject({ code: 1, out: '' });
    expect(await cli('letra', '1', 'XYZ')).toMatchObject({ code: 1, out: '' });
  });
});

describeWhen(satResources)("npm run cfdi with the tax authority's test certificates", () => {
  const csd = satResource('csd/vigente-moral-EKU9003173C9/30001000000500003416');
  const options = ['--cer', `${csd}.cer`, '--key', `${csd}.key`, '--password-file', satResource('csd/password.txt')];
  const who = ['--nombre', 'ESCUELA KEMPER URGATE', '--regimen', '601'];
  const json = (name: string, changes = {}): string => file(name, JSON.stringify(ejemploDeIngreso(changes)));

  it('seals a document, and what it sealed verifies', async () => {
    const sealed = await cli('seal', json('good.json'), ...options, ...who, '--fecha', '2026-11-21T09:30:00');
    expect(sealed).toMatchObject({ code: 0, err: '' });
    const xml = file('sealed.xml', sealed.out);
    expect(await cli('verify', xml)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Sello válido: EKU9003173C9'),
    });
    expect((await cli('cadena', xml)).out).toMatch(/^\|\|4\.0\|A\|1042\|2026-11-21T09:30:00\|/);
    const spoilt = file('spoilt.xml', sealed.out.replace('Total="115.99"', 'Total="115.98"'));
    expect(await cli('verify', spoilt)).toMatchObject({ code: 1, out: '' });
  });

  it('seals an XML that has no seal yet, whatever seal it had', async () => {
    const sealed = await cli('seal', json('again.json'), ...options, ...who);
    const bare = file('bare.xml', sealed.out.replace(/ (Sello|Certificado|NoCertificado)="[^"]*"/g, ''));
    const again = await cli('seal', bare, ...options);
    expect(again.code).toBe(0);
    expect((await cli('verify', file('again.xml', again.out))).code).toBe(0);
  });

  it('verifies by the schemas where they are named, whatever the addenda is', async () => {
    const sealed = await cli('seal', json('xsd.json'), ...options, ...who);
    const end = '</cfdi:Comprobante>';
    const whole = file('whole.xml', sealed.out.replace(end, `<cfdi:Addenda><x>1</x></cfdi:Addenda>${end}`));
    const xsd = ['--xsd', satResource('.')];
    expect(await cli('verify', whole, ...xsd)).toMatchObject({ code: 0, out: expect.stringMatching(/XSD\) válido/) });
    expect(await cli('verify', whole)).toMatchObject({ code: 0, out: expect.stringMatching(/no se comprobó/) });
    const broken = file('broken.xml', sealed.out.replace('<cfdi:Receptor ', '<cfdi:Receptor Nada="1" '));
    expect(await cli('verify', broken, ...xsd)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/Receptor@Nada/),
    });
    expect(await cli('verify', whole, '--xsd', folder)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/No se puede usar --xsd .*no está la.*pull\.\n/),
    });
    expect(await cli('verify', whole, '--house-xsd', folder)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/no se comprobó; En .*pull\.\n$/),
    });
    expect(await cli('schemas', 'check', satResource('.'))).toMatchObject({ code: 0 });
    expect(await cli('schemas', 'check', folder)).toMatchObject({ code: 1, err: expect.stringMatching(/no está la/) });
  });

  it('refuses a document that breaks a rule, naming field and remedy', async () => {
    const { code, out, err } = await cli(
      'seal',
      json('bad.json', { formaPago: 'XX', serie: 'a|b' }),
      ...options,
      ...who,
    );
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^serie: .*\nformaPago: .*\[cfdi\.catalogue\]/);
  });

  it('refuses an e.firma, another RFC, a wrong password, and never repeats the password', async () => {
    const fiel = satResource('csd/fiel-moral-EKU9003173C9/30001000000500003415');
    const password = ['--password-file', satResource('csd/password.txt')];
    const wrong = ['--password-file', file('p.txt', 'secreto-1234\n')];
    const good = json('id.json');
    for (const [args, says] of [
      [['--cer', `${fiel}.cer`, '--key', `${fiel}.key`, ...password], /e\.firma/],
      [['--cer', `${csd}.cer`, '--key', `${fiel}.key`, ...password], /no corresponde/],
      [['--cer', `${csd}.cer`, '--key', `${csd}.key`, ...wrong], /contraseña/],
    ] as const) {
      const { code, err } = await cli('seal', good, ...args, ...who);
      expect(code).toBe(1);
      expect(err).toMatch(says);
      expect(err).not.toContain('secreto');
    }
    const other = json('other.json', { emisor: 'CACX7605101P8' });
    expect(await cli('seal', other, ...options, ...who)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/otro RFC/),
    });
  });

  it('draws nothing of a comprobante without a stamp', async () => {
    const sealed = await cli('seal', json('p.json'), ...options, ...who);
    const { code, err } = await cli('pdf', file('p.xml', sealed.out), join(folder, 'p.pdf'));
    expect({ code, err }).toEqual({ code: 1, err: 'El comprobante no está timbrado.\n' });
    expect(() => readFileSync(join(folder, 'p.pdf'))).toThrow(/ENOENT/);
  });
});
