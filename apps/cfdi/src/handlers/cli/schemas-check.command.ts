import {
  calculaImportes,
  ejemploDeDocto,
  ejemploDeEgreso,
  ejemploDeIngreso,
  ejemploDePago,
  ejemploDePagos,
  writeXml,
  type Documento,
} from '@nexora/comprobante';
import { conTimbre } from '../../comprobante/con-timbre.ts';
import { conSello, construye } from '../../comprobante/xml.ts';
import { sentenceOf, Xsd } from '../../store/xsd.ts';
import { Faulty, given, single, type Run } from './command.ts';

/** Documents that the tax authority's schemas must take: what this house issues every day. */
const GOOD: readonly Documento[] = [
  ejemploDeIngreso(),
  ejemploDeEgreso(),
  ejemploDePagos(ejemploDePago({ doctosRelacionados: [ejemploDeDocto()] })),
];

/** Any base64 will do: a schema judges neither certificate nor seal. */
const SELLO = 'QQ==';
const TIMBRE = `<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" Version="1.1"
  UUID="00000000-0000-4000-8000-000000000001" FechaTimbrado="2026-11-21T09:30:05" RfcProvCertif="SPR190613I52"
  SelloCFD="${SELLO}" NoCertificadoSAT="30001000000500003456" SelloSAT="${SELLO}"/>`;

/** Reads and compiles the schemas of a folder as the agent does when it starts, and judges good documents by them. */
export const checkSchemas: Run = async (args, { write }) => {
  const folder = single(given(args, []), 'una carpeta');
  const xsd = await Xsd.open(folder);
  if (xsd.off !== undefined) throw new Faulty(xsd.off);
  for (const documento of GOOD) {
    const faults = [...new Set(xsd.faultsOf(stamped(documento)).map(sentenceOf))];
    if (faults.length > 0)
      throw new Faulty(`Estos esquemas no admiten un comprobante correcto (${documento.tipo}): ${faults.join(' ')}`);
  }
  const nonsense = xsd.faultsOf(Buffer.from('<Comprobante xmlns="http://www.sat.gob.mx/cfd/4"/>'));
  if (nonsense.length === 0) throw new Faulty('Estos esquemas admiten un comprobante vacío: no son los del SAT.');
  write('Los esquemas se pueden usar.\n');
};

function stamped(documento: Documento): Buffer {
  const comprobante = construye({
    documento,
    importes: calculaImportes(documento),
    emisor: { rfc: documento.emisor, nombre: 'ESCUELA KEMPER URGATE', regimenFiscal: '601' },
    fecha: '2026-11-21T09:30:00',
    certificado: { numero: '30001000000500003416', base64: SELLO },
  });
  return Buffer.from(conTimbre(Buffer.from(writeXml(conSello(comprobante, SELLO))), TIMBRE));
}
