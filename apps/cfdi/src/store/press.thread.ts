/** The thread in which PDFs are drawn; started and ended by press.ts. */
import { parentPort } from 'node:worker_threads';
import { dibuja } from '../representacion/dibujo.ts';
import { readRepresentacion } from '../representacion/lectura.ts';
import { readFuentes } from './fuentes.ts';
import type { Drawn, ToDraw } from './press.ts';

const fuentes = readFuentes();

parentPort?.on('message', (order: ToDraw) => {
  draw(order).then(
    (answer) => parentPort?.postMessage(answer),
    (error: unknown) => parentPort?.postMessage({ number: order.number, error } satisfies Drawn),
  );
});

async function draw({ number, xml, idioma }: ToDraw): Promise<Drawn> {
  return { number, pdf: await dibuja(readRepresentacion(xml), { fuentes, idioma }) };
}
