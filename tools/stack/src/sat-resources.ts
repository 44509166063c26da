// Fetches the tax authority's schemas once, and checks that they are still those that were fetched. Nothing of this is on
// the way of a stamping: the agent reads the folder when it starts.
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Home } from './home.ts';
import { readSettings } from './settings.ts';
import { SCHEMAS, SITE, STYLESHEETS } from './sat-resources/addresses.ts';
import { NotFetched } from './sat-resources/fetching.ts';
import { faultsOf } from './sat-resources/manifest.ts';
import { pull } from './sat-resources/pull.ts';
import { assertUsable } from './sat-resources/usable.ts';

const USAGE = `Uso:
  npm run sat-resources -- pull [--from <dirección base>] [--to <carpeta>] [--with-stylesheets] [--timeout <segundos>]
      Descarga los esquemas (XSD) del SAT, con suma de comprobación y fecha, y prueba que el
      agente los pueda usar. Si algo falla queda la carpeta anterior.
      --from                otra dirección con la misma estructura (https; http solo en este equipo)
      --to                  carpeta; si falta, SAT_RESOURCES_DIR, y si no, la del sistema (.nexora/sat)
      --with-stylesheets    también las transformaciones de la cadena original (XSLT), que nada necesita a diario
      --timeout             segundos por archivo, 60 si no se dice
  npm run sat-resources -- verify [--to <carpeta>]
      Comprueba que los archivos sean los que se descargaron.
Códigos de salida: 0 bien, 1 no se pudo o algo cambió, 2 mal uso.
`;

interface Words {
  readonly command: string;
  readonly from: URL;
  readonly folder: string;
  readonly roots: readonly string[];
  readonly timeoutMs: number;
  readonly pauseMs: number;
}

class Misuse extends Error {}

function words(): Words {
  const options = {
    from: { type: 'string' },
    to: { type: 'string' },
    timeout: { type: 'string' },
    'with-stylesheets': { type: 'boolean' },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [command = '', ...others] = positionals;
  if (others.length > 0 || (command !== 'pull' && command !== 'verify')) throw new Misuse('Escriba pull o verify.');
  const seconds = Number(values.timeout ?? 60);
  if (!(seconds > 0 && seconds <= 3_600)) throw new Misuse('--timeout es un número de segundos.');
  const roots = [...SCHEMAS, ...(values['with-stylesheets'] === true ? STYLESHEETS : [])];
  return {
    command,
    from: baseOf(values.from ?? SITE),
    folder: folderOf(values.to),
    roots,
    timeoutMs: seconds * 1_000,
    pauseMs: 1_000,
  };
}

function baseOf(text: string): URL {
  const url = URL.parse(text.endsWith('/') ? text : `${text}/`);
  const isHere = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)) return url;
  throw new Misuse('--from es una dirección https, como https://www.sat.gob.mx/.');
}

function folderOf(named: string | undefined): string {
  const caller = process.env['INIT_CWD'] ?? process.cwd();
  const folder = named ?? process.env['SAT_RESOURCES_DIR'];
  return folder ? resolve(caller, folder) : join(Home.ofClone().path, 'sat');
}

async function main(): Promise<number> {
  const { command, folder, ...order } = words();
  if (command === 'verify') {
    const faults = faultsOf(folder);
    if (faults.length === 0) console.log(`Los archivos de ${folder} son los que se descargaron.`);
    for (const fault of faults) console.error(fault);
    return faults.length === 0 ? 0 : 1;
  }
  const { files } = await pull({ ...order, folder, assertUsable }, new Date());
  console.log(
    `${files.length} archivos del SAT en ${folder}. Ponga SAT_RESOURCES_DIR=${folder} y reinicie el agente cfdi.`,
  );
  return 0;
}

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  process.stdout.write(USAGE);
} else {
  readSettings();
  try {
    process.exitCode = await main();
  } catch (error) {
    const isMisuse = error instanceof Misuse || (error instanceof TypeError && 'code' in error);
    const sentence = error instanceof Error ? error.message : String(error);
    console.error(isMisuse ? `${sentence}\n\n${USAGE}` : failure(error, sentence));
    process.exitCode = isMisuse ? 2 : 1;
  }
}

function failure(error: unknown, sentence: string): string {
  const why = error instanceof NotFetched ? sentence : `No se pudo guardar: ${sentence}`;
  return `${why}\nLa carpeta anterior queda como estaba.`;
}
