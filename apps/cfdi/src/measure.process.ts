/**
 * Measures the core of this agent in a process of its own, for `npm run bench:cfdi`: reads one order (JSON) on stdin,
 * writes one answer (JSON) on stdout. Times are of the processor, so that a busy machine changes little.
 */
import { text } from 'node:stream/consumers';
import { calculaImportes, documentoSchema, readXml, reglas } from '@nexora/comprobante';
import { z } from 'zod';
import { cadenaOriginal } from './comprobante/cadena-original.ts';
import { openKey, readCertificado } from './comprobante/csd.ts';
import { sella } from './comprobante/sellado.ts';
import { dibuja } from './representacion/dibujo.ts';
import { readRepresentacion } from './representacion/lectura.ts';
import { readFuentes } from './store/fuentes.ts';

const csd = z.object({ cer: z.base64(), key: z.base64(), password: z.string() });
const order = z.discriminatedUnion('what', [
  /** A document judged, built, sealed and checked, again and again. */
  z.object({ what: z.literal('seal'), seconds: z.number(), documento: documentoSchema, csd, fecha: z.string() }),
  /** The cadena original of an XML that is read anew each time. */
  z.object({ what: z.literal('cadena'), seconds: z.number(), xml: z.string() }),
  /** The representación impresa of a stamped XML. */
  z.object({ what: z.literal('pdf'), seconds: z.number(), xml: z.string() }),
]);
type Order = z.infer<typeof order>;

/** Repetitions before the clock starts, so that the compiler has done its work. */
const WARM_UP = 100;

const asked = order.parse(JSON.parse(await text(process.stdin)));
const once = repeated(asked);
for (let i = 0; i < WARM_UP; i += 1) await once();
process.stdout.write(`${JSON.stringify(await measured(once, asked.seconds))}\n`);

function repeated(what: Order): () => unknown {
  if (what.what === 'seal') return sealing(what);
  if (what.what === 'cadena') return () => cadenaOriginal(readXml(what.xml).root);
  const fuentes = readFuentes();
  const xml = Buffer.from(what.xml);
  return () => dibuja(readRepresentacion(xml), { fuentes, idioma: 'es' });
}

function sealing({ documento, csd: { cer, key, password }, fecha }: Extract<Order, { what: 'seal' }>): () => Buffer {
  const certificado = readCertificado(Buffer.from(cer, 'base64'));
  const opened = openKey(Buffer.from(key, 'base64'), password);
  const emisor = { rfc: documento.emisor, nombre: 'ESCUELA KEMPER URGATE', regimenFiscal: '601' };
  const ahora = new Date();
  return () => {
    const faltas = reglas(documento, { ahora });
    if (faltas.length > 0) throw new Error(`The document breaks rules: ${JSON.stringify(faltas)}`);
    return sella({ documento, importes: calculaImportes(documento), emisor, fecha, certificado }, opened).bytes;
  };
}

/** So many a second of one processor. */
async function measured(work: () => unknown, seconds: number): Promise<{ perCpuSecond: number }> {
  const before = process.cpuUsage();
  const spent = (): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  let count = 0;
  while (spent() < seconds) {
    await work();
    count += 1;
  }
  return { perCpuSecond: count / spent() };
}
