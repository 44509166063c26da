import { expect, it } from '@jest/globals';
import { describeWhen, satResources } from '@nexora/testing';
import { SEED, sealedCorpus } from '../corpus/sealed-corpus.conformance.ts';
import { readFuentes } from '../store/fuentes.ts';
import { dibuja } from './dibujo.ts';
import { readRepresentacion } from './lectura.ts';
import type { Marca } from './lienzo.ts';
import { fuera, encimadas, timbrado } from './muestras/muestras.conformance.ts';

const COUNT = 60;
const fuentes = readFuentes();

describeWhen(satResources)(`the print of random comprobantes (NEXORA_SEED=${SEED})`, () => {
  it('stays within the margins, with nothing on anything else, and has every line', async () => {
    for (const { index, documento, sellado } of sealedCorpus(COUNT)) {
      const marcas: Marca[] = [];
      const r = readRepresentacion(timbrado(sellado.bytes));
      await dibuja(r, { fuentes, idioma: index % 2 === 0 ? 'es' : 'en', traza: (one) => marcas.push(one) });
      expect([index, fuera(marcas), encimadas(marcas)]).toEqual([index, [], []]);
      const all = marcas.map(({ text }) => text).join('');
      for (const { clave } of r.conceptos) expect([index, all.includes(clave)]).toEqual([index, true]);
      expect([index, r.emisor('Rfc')]).toEqual([index, documento.emisor]);
    }
  });
});
