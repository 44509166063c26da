import { ejemploDeIngreso } from '@nexora/comprobante';
import { poll, signal } from '@nexora/embedded';
import { figuresOf, type Figure } from './figures.ts';
import type { DemoHouse, Row } from './house.ts';

const COUNT = 20;
/** So many before the line is cut; it is cut when half of all are stamped, with requests out. */
const BEFORE_THE_CUT = 14;
/** The PAC takes this long, so that a kill meets a request that is out. */
const PAC_DELAY_MS = 400;
const EVERYTHING_WITHIN_MS = 5 * 60_000;

/** Disturbs the house while it stamps, then counts. `say` tells a person what happens. */
export async function play(house: DemoHouse, say: (line: string) => void): Promise<Figure[]> {
  const documents = Array.from({ length: COUNT }, (_, index) => sale(index + 1));
  await house.pac.pac(`delay:${PAC_DELAY_MS}`);
  say(`The shop hands over ${BEFORE_THE_CUT} comprobantes.`);
  await house.submit(documents.slice(0, BEFORE_THE_CUT));
  for (const time of ['first', 'second']) await killWhileStamping(house, say, time);
  await until('half of them stamped', () => stamped(house).then((n) => n >= COUNT / 2));
  say('The Internet is cut. The shop goes on selling.');
  await house.internet('cut');
  await house.submit(documents.slice(BEFORE_THE_CUT));
  say('Redis is emptied (FLUSHALL).');
  await house.emptyRedis();
  await until('the house to know that it is cut off', () => house.isOffline());
  say(`Waiting with ${await stamped(house)} of ${COUNT} stamped. The Internet is back.`);
  await house.internet('restore');
  await house.pac.pac('none');
  await until(
    'all of them to be listo',
    async () => (await house.rows()).every((row) => row.estado === 'listo'),
    () => house.rows().then(openRows),
  );
  const [rows, log, { stamps }] = await Promise.all([house.rows(), house.pac.log(), house.pac.state()]);
  for (const { externalId, uuid } of rows) say(`  ${externalId.padEnd(9)}  ${uuid ?? '-'}`);
  return figuresOf({ rows, log, stamps, objects: house.objects }, COUNT);
}

function sale(folio: number): object {
  const conceptos = ejemploDeIngreso().conceptos?.map((concepto) => ({ ...concepto, cantidad: String(folio) }));
  return ejemploDeIngreso({ externalId: `venta-${folio}`, serie: 'D', folio: String(folio), conceptos });
}

/** SIGKILL at a moment when a request to the PAC has left and its answer has not come. */
async function killWhileStamping(house: DemoHouse, say: (line: string) => void, time: string): Promise<void> {
  const [restarts, before] = [house.restartsOf('cfdi'), await attempts(house)];
  await until('a request to leave', async () => (await attempts(house)) > before);
  const pid = house.pidOf('cfdi');
  if (pid !== null) signal(pid, 'SIGKILL');
  say(`SIGKILL to the CFDI agent while it stamps, for the ${time} time.`);
  await until('the agent to start again', () => house.restartsOf('cfdi') > restarts && house.pidOf('cfdi') !== null);
}

/** Attempts are committed before the request leaves. */
async function attempts(house: DemoHouse): Promise<number> {
  return (await house.rows()).reduce((sum, row) => sum + row.attempts, 0);
}

async function stamped(house: DemoHouse): Promise<number> {
  return (await house.rows()).filter((row) => row.uuid !== null).length;
}

function openRows(rows: readonly Row[]): string {
  const open = rows.filter((row) => row.estado !== 'listo');
  return open.map((row) => `${row.externalId}: ${row.estado} ${row.message ?? ''}`).join('\n');
}

async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  otherwise: () => Promise<string> = () => Promise.resolve(''),
): Promise<void> {
  const came = await poll(condition, { within: EVERYTHING_WITHIN_MS, every: 50 });
  if (came === null) throw new Error(`waited ${EVERYTHING_WITHIN_MS / 1_000} s for ${what}\n${await otherwise()}`);
}
