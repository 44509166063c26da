import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { attributeOf, elementsOf, readXml, type XmlElement } from '@nexora/comprobante';
import { satResource, satResources } from '@nexora/testing';

const run = promisify(execFile);
/** Processes at once: one per core of a small machine. */
const SIDE_BY_SIDE = 2;
const SHEETS = 'www.sat.gob.mx/sitio_internet/cfd';

/** The tax authority's stylesheets by what they read. */
export const SHEET = {
  comprobante: satResource(`${SHEETS}/4/cadenaoriginal_4_0/cadenaoriginal_4_0.xslt`),
  timbre: satResource(`${SHEETS}/TimbreFiscalDigital/cadenaoriginal_TFD_1_1.xslt`),
} as const;

/** What the comparisons of the corpus need beside this repository. */
export const tools = {
  met:
    satResources.met && [has('xsltproc', '--version'), has('openssl', 'version'), has('sh', '-c', ':')].every(Boolean),
  otherwise: satResources.met ? 'xsltproc, openssl or sh is not installed' : satResources.otherwise,
};

/** Whether the program can be started. */
export function has(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args).status === 0;
}

/**
 * What the tax authority's stylesheet gives for each file, as bytes. Many files go through one process: a sheet around
 * the unchanged one adds a line end behind each, which a cadena original cannot hold, since it collapses white space.
 */
export async function bySheet(sheet: string, files: readonly string[], folder: string): Promise<Buffer[]> {
  const around = join(folder, 'around.xslt');
  writeFileSync(
    around,
    `<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">
      <xsl:import href="${pathToFileURL(sheet).href}"/><xsl:output method="text" encoding="UTF-8"/>
      <xsl:template match="/"><xsl:apply-imports/><xsl:text>&#10;</xsl:text></xsl:template></xsl:stylesheet>`,
  );
  const parts = await Promise.all(halves(files).map((some) => linesOf(['--nonet', around, ...some], some.length)));
  return parts.flat();
}

async function linesOf(args: readonly string[], count: number): Promise<Buffer[]> {
  const { stdout } = await run('xsltproc', [...args], { encoding: 'buffer', maxBuffer: 2 ** 30 }).catch(refused);
  const lines: Buffer[] = [];
  for (let start = 0; start < stdout.length;) {
    const end = stdout.indexOf(0x0a, start);
    lines.push(stdout.subarray(start, end));
    start = end + 1;
  }
  if (lines.length !== count) throw new Error(`xsltproc gave ${lines.length} texts for ${count} files.`);
  return lines;
}

/** The stylesheets call themselves version 2.0, so that each says two lines of warning; what else is said, matters. */
function refused(error: Error & { readonly stderr?: Buffer }): never {
  const said = (error.stderr?.toString() ?? error.message).split('\n');
  const matters = said.filter((line) => !/^compilation error|only 1\.1 features/.test(line));
  throw new Error(`xsltproc: ${matters.join('\n').slice(0, 2000)}`);
}

/** One seal for OpenSSL: the files of the signed text, of the signature and of the public key. */
export interface SealFiles {
  readonly text: string;
  readonly signature: string;
  readonly publicKey: string;
}

/** What OpenSSL's command line says of each seal; one shell starts it for one after the other. */
export async function byOpenssl(seals: readonly SealFiles[]): Promise<string[]> {
  const said = await Promise.all(halves(seals).map(opensslOf));
  return said.flat();
}

function opensslOf(seals: readonly SealFiles[]): Promise<string[]> {
  const loop =
    'while IFS= read -r k && IFS= read -r s && IFS= read -r t; do ' +
    'openssl dgst -sha256 -verify "$k" -signature "$s" "$t" 2>/dev/null || :; done';
  // Reading its configuration takes OpenSSL longer than verifying.
  const env = { ...process.env, OPENSSL_CONF: '/dev/null' };
  const child = spawn('sh', ['-c', loop], { stdio: ['pipe', 'pipe', 'ignore'], env });
  child.stdin.end(seals.map(({ publicKey, signature, text }) => `${publicKey}\n${signature}\n${text}\n`).join(''));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (out += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', () => resolve(out.trimEnd().split('\n')));
  });
}

/** The public key inside a certificate (DER, in base64), taken out by OpenSSL into a file. */
export function publicKeyFile(certificate: string, file: string): string {
  const der = Buffer.from(certificate, 'base64');
  writeFileSync(file, execFileSync('openssl', ['x509', '-inform', 'DER', '-noout', '-pubkey'], { input: der }));
  return file;
}

/** What libxml2 reads in a document, our own reader being what is on trial. */
export interface Read {
  /** By the schemas of CFDI 4.0 and its complementos; empty when the document is valid. */
  readonly errors: readonly string[];
  /** Attributes of the root. */
  readonly root: Readonly<Record<string, string>>;
  /** `Element` and `Element@Attribute` of everything in it. */
  readonly names: readonly string[];
}

/** Reads and validates by libxml2 with the tax authority's schemas. */
export async function xsdReader(): Promise<(xml: Buffer) => Read> {
  const { XmlDocument, XsdValidator, XmlValidateError, XmlElement } = await import('libxml2-wasm');
  const { xmlRegisterFsInputProviders } = await import('libxml2-wasm/lib/nodejs.mjs');
  xmlRegisterFsInputProviders();
  const path = satResource('cfdi40-with-complementos.xsd');
  const validator = XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(path), { url: pathToFileURL(path).href }));
  return (xml) => {
    const document = XmlDocument.fromBuffer(xml);
    try {
      const root = Object.fromEntries(document.root.attrs.map(({ name, value }) => [name, value]));
      const names = document.find('//*').flatMap((node) => {
        if (!(node instanceof XmlElement)) return [];
        return [node.name, ...node.attrs.map(({ name }) => `${node.name}@${name}`)];
      });
      return { errors: errorsOf(() => validator.validate(document)), root, names };
    } finally {
      document.dispose();
    }
  };

  function errorsOf(validate: () => void): string[] {
    try {
      validate();
      return [];
    } catch (error) {
      if (error instanceof XmlValidateError) return error.details.map(({ message }) => message);
      throw error;
    }
  }
}

/** An attribute that a schema of the tax authority declares. */
export interface Declared {
  /** `Element@Attribute`. */
  readonly name: string;
  readonly element: string;
  readonly isOptional: boolean;
}

/** Every attribute of CFDI 4.0 and of Pagos 2.0, by their schemas. */
export function declaredAttributes(): Declared[] {
  return ['4/cfdv40.xsd', 'Pagos/Pagos20.xsd'].flatMap((path) => {
    const { root } = readXml(readFileSync(satResource(`${SHEETS}/${path}`)));
    return within(root, '');
  });
}

function within(node: XmlElement, owner: string): Declared[] {
  const name = attributeOf(node, 'name') ?? '';
  const here = node.local === 'element' && name !== '' ? name : owner;
  const own =
    node.local === 'attribute' && name !== ''
      ? [{ name: `${owner}@${name}`, element: owner, isOptional: attributeOf(node, 'use') !== 'required' }]
      : [];
  return [...own, ...elementsOf(node).flatMap((child) => within(child, here))];
}

function halves<T>(items: readonly T[]): T[][] {
  const size = Math.ceil(items.length / SIDE_BY_SIDE);
  return [items.slice(0, size), items.slice(size)].filter((some) => some.length > 0);
}
