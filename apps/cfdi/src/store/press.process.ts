/** The process in which PDFs are drawn; started and ended by press.ts. */
import { dibuja } from '../representacion/dibujo.ts';
import { readRepresentacion } from '../representacion/lectura.ts';
import { readFuentes } from './fuentes.ts';
import type { Drawn, ToDraw } from './press.ts';

const fuentes = readFuentes();

process.on('message', (order: ToDraw) => {
  draw(order).then(answer, (error: unknown) => {
    answer({ number: order.number, fault: error instanceof Error ? error.message : String(error) });
  });
});
// Whoever gave the orders is gone, in whatever way.
process.on('disconnect', () => process.exit(0));

async function draw({ number, xml, idioma }: ToDraw): Promise<Drawn> {
  return { number, pdf: await dibuja(readRepresentacion(xml), { fuentes, idioma }) };
}

function answer(drawn: Drawn): void {
  process.send?.(drawn, undefined, {}, (error) => {
    if (error !== null) process.exit(0); // nobody is there to hear it any more
  });
}
