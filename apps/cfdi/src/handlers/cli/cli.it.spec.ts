import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ejemploDeIngreso, openKey, readXml } from '@nexora/comprobante';
import {
  describeWhen,
  makeDemoIssuer,
  makeTestCertificates,
  satResource,
  satResources,
  type DemoIssuer,
} from '@nexora/testing';
import { cadenaOriginal } from '../../comprobante/cadena-original.ts';
import { firma } from '../../comprobante/sello.ts';
import { runCli } from './run-cli.ts';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const RUN = join(ROOT, 'tools/bootstrap/run.mjs');
const MISSING = 'no-such-file.xml';
const folder = mkdtempSync(join(tmpdir(), 'cfdi-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command as a person types it, in a house of its own that is down. */
function cfdi(...args: string[]): Promise<Ended> {
  return ran(process.execPath, [RUN, 'cfdi', ...args]);
}

/** The same by npm itself, from a folder that knows nothing of the repository. */
function byNpm(...args: string[]): Promise<Ended> {
  return ran('npm', ['--prefix', ROOT, 'run', '--silent', 'cfdi', '--', ...args]);
}

function ran(program: string, args: readonly string[]): Promise<Ended> {
  const { DATABASE_URL: _, ...rest } = process.env;
  const env = { ...rest, NEXORA_HOME: join(folder, 'home'), INIT_CWD: folder };
  return new Promise((resolve) => {
    const child = execFile(program, args, { env, cwd: folder }, (_error, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err });
    });
  });
}

/** The same without a process of its own: what a command says, once it is known how its process ends. */
async function inProcess(...args: string[]): Promise<Ended> {
  let [out, err] = ['', ''];
  const output = { write: (text: string) => void (out += text), complain: (text: string) => void (err += text) };
  return { code: await runCli(args, output), out, err };
}

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const filesOf = ({ cer, key, passwordFile }: Pick<DemoIssuer, 'cer' | 'key' | 'passwordFile'>): string[] => [
  ...['--cer', cer],
  ...['--key', key],
  ...['--password-file', passwordFile],
];

describe('npm run cfdi', () => {
  it('seals with the demonstration CSD where none is named, and the rest agrees with what it sealed', async () => {
    file('venta.json', JSON.stringify(ejemploDeIngreso()));
    const sealed = await cfdi('seal', 'venta.json', '--fecha', '2026-11-21T09:30:00');
    expect(sealed).toMatchObject({ code: 0, err: '', out: expect.stringContaining('Nombre="ESCUELA KEMPER URGATE"') });
    file('venta.xml', sealed.out);
    const [verified, one, two] = await Promise.all([
      cfdi('verify', 'venta.xml'),
      cfdi('cadena', 'venta.xml'),
      cfdi('cadena', 'venta.xml', 'venta.xml'),
    ]);
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('Sello válido: EKU9003173C9') });
    expect(one).toMatchObject({ code: 0, out: expect.stringMatching(/^\|\|4\.0\|A\|1042\|.*\|\|$/) });
    expect(two).toMatchObject({ code: 0, out: `${one.out}\n${one.out}\n` });
  }, 60_000);

  it('works from any folder, those commands too that need the stores of the agent', async () => {
    const cases: [args: string[], code: number, says: RegExp][] = [
      [['issuer', 'list'], 2, /DATABASE_URL is not set/],
      [['pack'], 2, /Escriba un mes/],
      [['nada'], 2, /Uso:/],
      [[], 2, /Uso:/],
      [['letra', '1'], 0, /^(?!.*Error)/],
    ];
    for (const [args, code, says] of cases) {
      const ended = await byNpm(...args);
      expect([args, ended.code]).toEqual([args, code]);
      expect(ended.err).toMatch(says);
    }
  }, 120_000);

  it('ends with 0, 1, 2 or 3, and says on stderr alone what is wrong', async () => {
    file('hola.xml', 'hola');
    file('faltas.json', JSON.stringify(ejemploDeIngreso({ formaPago: 'XX' })));
    file('exporta.json', JSON.stringify(ejemploDeIngreso({ exportacion: '02' })));
    const ns = 'xmlns:cfdi="http://www.sat.gob.mx/cfd/4"';
    const nomina = '<n:Nomina xmlns:n="http://www.sat.gob.mx/nomina12"/>';
    file('nomina.xml', `<cfdi:Comprobante ${ns}><cfdi:Complemento>${nomina}</cfdi:Complemento></cfdi:Comprobante>`);
    const cases: [args: string[], code: number, says: RegExp][] = [
      [['letra', '1', 'USD'], 0, /^$/],
      [['seal', 'faltas.json'], 1, /^formaPago: .*c_FormaPago/],
      [['seal', 'exporta.json'], 3, /^exportacion: .*\[cfdi\.unsupported\]/],
      [['cadena', MISSING], 2, /no-such-file\.xml \(ENOENT\)/],
      [['verify', 'nomina.xml'], 3, /Nomina/],
    ];
    const ended = await Promise.all(cases.map(([args]) => cfdi(...args)));
    for (const [index, [args, code, says]] of cases.entries()) {
      expect([args, ended[index]?.code]).toEqual([args, code]);
      expect(ended[index]?.err).toMatch(says);
      if (code > 0) expect(ended[index]?.out).toBe('');
    }
  }, 60_000);
});

describe('a date that does not exist', () => {
  const says = /--fecha es la hora local/;

  it('is not sealed: bad usage', async () => {
    const own = await makeDemoIssuer(join(folder, 'ca'));
    const venta = file('frontera.json', JSON.stringify(ejemploDeIngreso({ zonaHoraria: 'America/Tijuana' })));
    const days = ['2026-02-30T10:00:00', '2026-11-31T10:00:00', '2026-11-21T24:00:00', '2026-03-08T02:30:00'];
    for (const day of days) {
      const refused = await inProcess('seal', venta, ...filesOf(own), '--fecha', day);
      expect([day, refused]).toEqual([day, { code: 2, out: '', err: expect.stringMatching(says) }]);
    }
  }, 60_000);

  it('is not valid in an XML, with or without schemas, and not sealed into another', async () => {
    const own = await makeDemoIssuer(join(folder, 'ca'));
    const venta = file('abril.json', JSON.stringify(ejemploDeIngreso()));
    const { out } = await inProcess('seal', venta, ...filesOf(own), '--fecha', '2026-11-20T10:00:00');
    const rolled = file('abril.xml', out.replace('2026-11-20T', '2026-11-31T'));
    const key = openKey(readFileSync(own.key), readFileSync(own.passwordFile, 'utf8').trim());
    const sello = firma(cadenaOriginal(readXml(readFileSync(rolled)).root), key);
    file('abril.xml', readFileSync(rolled, 'utf8').replace(/ Sello="[^"]*"/, ` Sello="${sello}"`));
    const wanted = { code: 1, out: '', err: 'La Fecha del comprobante no es una fecha.\n' };
    expect(await inProcess('verify', rolled)).toEqual(wanted);
    expect(await inProcess('seal', rolled, ...filesOf(own))).toEqual(wanted);
  }, 60_000);
});

describe('npm run cfdi -- csd check', () => {
  let own: DemoIssuer;
  let others: Awaited<ReturnType<typeof makeTestCertificates>>;
  beforeAll(async () => {
    own = await makeDemoIssuer(join(folder, 'ca'));
    others = await makeTestCertificates(join(folder, 'ca'));
  }, 60_000);

  it('tells number, RFC, kind, days left and that the key fits, never the password', async () => {
    const { code, out, err } = await cfdi('csd', 'check', ...filesOf(own), '--rfc', own.rfc);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const line of [/Número: +\d{20}\n/, /RFC: +EKU9003173C9\n/, /CSD/, /quedan \d+ días/, /corresponde/])
      expect(out).toMatch(line);
  }, 60_000);

  it('ends with 1 and a sentence with the remedy for each file that cannot seal', async () => {
    const wrong = file('secreto.txt', 'secreto-1234\n');
    const pem = file('pem.cer', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    const empty = file('vacio.cer', '');
    const text = file('texto.key', 'hola');
    const pfx = file('junto.pfx', Buffer.from('308209d10201033082098f06092a864886f70d010701', 'hex'));
    const cases: [args: string[], says: RegExp][] = [
      [filesOf({ ...own, passwordFile: wrong }), /contraseña.*no es correcta.*Escriba/],
      [filesOf({ ...others.otherRfc, cer: own.cer }), /no corresponde.*mismo trámite/],
      [filesOf(others.efirma), /e\.firma.*CSD/],
      [filesOf(others.expired), /venció el \d{4}-\d\d-\d\d.*CertiSAT/],
      [filesOf(others.notYetValid), /todavía no.*empieza el/],
      [[...filesOf(others.otherRfc), '--rfc', own.rfc], /otro RFC.*EKU9003173C9/],
      [filesOf({ ...own, cer: pem }), /PEM.*openssl x509/],
      [filesOf({ ...own, cer: empty }), /vacío.*Descárguelo/],
      [filesOf({ ...own, key: text }), /es un texto/],
      [filesOf({ ...own, cer: pfx }), /PKCS#12.*\.key/],
      [filesOf({ ...own, cer: own.key, key: own.cer }), /llave privada.*orden/],
    ];
    const ended = await Promise.all(cases.map(([args]) => inProcess('csd', 'check', ...args)));
    for (const [index, [, says]] of cases.entries()) {
      expect(ended[index]).toMatchObject({ code: 1, err: expect.stringMatching(says) });
      expect(`${ended[index]?.out}${ended[index]?.err}`).not.toContain('secreto-1234');
    }
  }, 60_000);
});

describeWhen(satResources)("npm run cfdi with the tax authority's own certificates", () => {
  const csd = (name: string): string[] => [
    ...['--cer', satResource(`csd/${name}.cer`), '--key', satResource(`csd/${name}.key`)],
    ...['--password-file', satResource('csd/password.txt')],
  ];

  it('seals with & and Ñ in the RFC at a time when the CSD was valid, and refuses it at any other', async () => {
    const document = ejemploDeIngreso({ emisor: 'OÑO120726RX3', lugarExpedicion: '42501' });
    const path = file('enie.json', JSON.stringify(document));
    const files = csd('vencido-moral-ONO120726RX3/30001000000400002464');
    const then = await inProcess('seal', path, ...files, '--fecha', '2023-01-15T10:00:00');
    const now = await inProcess('seal', path, ...files, '--fecha', '2024-01-15T10:00:00');
    expect(now).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/venció el 2023-06-20/) });
    expect(then).toMatchObject({ code: 0, err: '' });
    expect(await inProcess('verify', file('enie.xml', then.out))).toMatchObject({ code: 0 });
    const late = file('tarde.xml', then.out.replace('Fecha="2023-01-15', 'Fecha="2024-01-15'));
    expect(await inProcess('verify', late)).toMatchObject({ code: 1, err: expect.stringMatching(/no era vigente/) });
  });

  it('refuses an e.firma', async () => {
    file('fiel.json', JSON.stringify(ejemploDeIngreso()));
    const files = csd('fiel-moral-EKU9003173C9/30001000000500003415');
    expect(await cfdi('seal', 'fiel.json', ...files)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/e\.firma/),
    });
  }, 60_000);
});
