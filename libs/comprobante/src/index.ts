export { ADDENDA_BYTES, parseAddenda, type ParsedAddenda } from './addenda.ts';
export { IMPUESTOS, textOf, type Catalogo } from './catalogos.ts';
export {
  assertFits,
  assertSeals,
  CsdRefused,
  openKey,
  readCertificado,
  type Certificado,
  type CsdFault,
} from './csd.ts';
export { abreSobre, buzonDe, cierraSobre, direccionDe, labelDelCsd, SobreCerrado } from './csd-sobre.ts';
export { Exact, isDecimal } from './decimales.ts';
export {
  documentoSchema,
  formaDelDocumento,
  parseDocumento,
  pathOf,
  type Concepto,
  type Documento,
  type ImpuestoPedido,
  type Parsed,
  type Parte,
} from './documento.ts';
export { ejemploDeEgreso, ejemploDeIngreso, ejemploDeTraslado, ejemploGlobal } from './ejemplo.ts';
export { emisorDesconocido } from './emisor.ts';
export { reglasDelEmisor, type DatosDelEmisor } from './emisor-reglas.ts';
export { isFechaHora } from './fechas.ts';
export { falta, isMalformed, type CodigoDeFalta, type Falta } from './falta.ts';
export {
  calculaImportes,
  type Importes,
  type ImportesDeConcepto,
  type ImportesDeParte,
  type ImpuestoDeLinea,
  type RetencionDelResumen,
} from './importes.ts';
export { letra } from './letra.ts';
export { decimalesDe } from './monedas.ts';
export { ejemploDeDocto, ejemploDePago, ejemploDePagos } from './pagos-ejemplo.ts';
export type {
  ImporteDr,
  ImportesDeDocto,
  ImportesDePago,
  ImportesDePagos,
  RetencionP,
  TotalesDePagos,
  TrasladoP,
} from './pagos-figuras.ts';
export { calculaPagos } from './pagos-importes.ts';
export type { DoctoRelacionado, ImpuestoDr, Pago } from './pagos.schema.ts';
export { reglas, type Contexto } from './reglas.ts';
export { isRfc, personaOf } from './rfc.ts';
export { collapse, isXmlText } from './textos.ts';
export { conceptosDe, monedaDe } from './tipos.ts';
export {
  attributeOf,
  childrenOf,
  declaredEncoding,
  elementsOf,
  readXml,
  XmlFault,
  type XmlAttribute,
  type XmlDocument,
  type XmlElement,
  type XmlNode,
} from './xml.ts';
export { writeXml } from './xml-write.ts';
export { horaLocal, zonaDe, zonaIsDoubtful, ZONAS } from './zonas.ts';
