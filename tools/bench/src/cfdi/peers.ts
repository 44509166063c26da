import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { satResource, satResources } from '@nexora/testing';
import { answered } from './core.ts';

const SATCFDI = '26.10.1';
const PROGRAM = fileURLToPath(new URL('./with_satcfdi.py', import.meta.url));
const XSLT = 'www.sat.gob.mx/sitio_internet/cfd/4/cadenaoriginal_4_0/cadenaoriginal_4_0.xslt';

/** A peer that this machine has, or why it has not. */
export type Peer<T> = { readonly name: string; readonly run: T } | { readonly missing: string };

/** The Python package satcfdi, in an environment of its own below the folder. */
export function satcfdi(folder: string): Peer<(order: object) => Promise<number>> {
  const python = join(folder, 'python', 'bin', 'python');
  const made = run('python3', ['-m', 'venv', join(folder, 'python')]) && existsSync(python);
  if (!made) return { missing: 'satcfdi: there is no python3 that makes environments' };
  if (!run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `satcfdi==${SATCFDI}`])) {
    return { missing: `satcfdi ${SATCFDI} could not be installed` };
  }
  return {
    name: 'satcfdi',
    run: async (order) => (await answered<{ perCpuSecond: number }>(python, [PROGRAM], order)).perCpuSecond,
  };
}

/** xsltproc with the tax authority's stylesheet, a process per document, as it is used. */
export function xsltproc(folder: string): Peer<(xml: string, seconds: number) => number> {
  if (!satResources.met) return { missing: `xsltproc: ${satResources.otherwise}` };
  if (!run('xsltproc', ['--version'])) return { missing: 'xsltproc is not installed' };
  const file = join(folder, 'document.xml');
  return {
    name: 'xsltproc',
    run: (xml, seconds) => {
      writeFileSync(file, xml);
      const ends = performance.now() + seconds * 1_000;
      let count = 0;
      const began = performance.now();
      while (performance.now() < ends) {
        if (!run('xsltproc', ['--nonet', satResource(XSLT), file])) throw new Error('xsltproc refused the document.');
        count += 1;
      }
      return count / ((performance.now() - began) / 1_000);
    },
  };
}

function run(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
