import { createPrivateKey, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { DemoIssuer } from './ca/issuers.ts';
import { cadenaOriginal } from './pac/cadena.ts';
import { localTime } from './pac/dates.ts';
import { parse } from './pac/document.ts';

/** Certificate and opened key of an issuer. */
export interface Sealer {
  readonly rfc: string;
  readonly nombre: string;
  readonly regimen: string;
  readonly cp: string;
  readonly number: string;
  readonly certificate: string;
  readonly key: KeyObject;
}

/** Opens an issuer's files. */
export async function sealerOf(issuer: DemoIssuer): Promise<Sealer> {
  const der = await readFile(issuer.cer);
  const passphrase = (await readFile(issuer.passwordFile, 'utf8')).trim();
  return {
    ...issuer,
    number: Buffer.from(new X509Certificate(der).serialNumber, 'hex').toString('latin1'),
    certificate: der.toString('base64'),
    key: createPrivateKey({ key: await readFile(issuer.key), format: 'der', type: 'pkcs8', passphrase }),
  };
}

/** What a sample may differ in; the rest is a sale of three coffees with IVA to a person. */
export interface SampleOptions {
  /** Local time at LugarExpedicion. */
  readonly fecha?: string;
  readonly folio?: string;
  readonly descripcion?: string;
  /** Text before sealing: what is changed here is sealed. */
  readonly change?: (xml: string) => string;
  /** Text after sealing: what is changed here breaks the seal or goes around it. */
  readonly tamper?: (xml: string) => string;
}

let folios = 0;

function unsealed(sealer: Sealer, options: SampleOptions): string {
  const {
    fecha = localTime(new Date(Date.now() - 60_000)),
    folio = String((folios += 1)),
    descripcion = 'Café de olla',
  } = options;
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" ` +
    `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.sat.gob.mx/cfd/4 ` +
    `http://www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd" Version="4.0" Serie="A" Folio="${folio}" Fecha="${fecha}" ` +
    `Sello="" FormaPago="03" NoCertificado="${sealer.number}" Certificado="${sealer.certificate}" SubTotal="99.99" ` +
    `Moneda="MXN" Total="115.99" TipoDeComprobante="I" Exportacion="01" MetodoPago="PUE" LugarExpedicion="${sealer.cp}">` +
    `<cfdi:Emisor Rfc="${sealer.rfc}" Nombre="${sealer.nombre}" RegimenFiscal="${sealer.regimen}"/>` +
    `<cfdi:Receptor Rfc="CACX7605101P8" Nombre="XOCHILT CASAS CHAVEZ" DomicilioFiscalReceptor="36257" ` +
    `RegimenFiscalReceptor="612" UsoCFDI="G03"/><cfdi:Conceptos><cfdi:Concepto ClaveProdServ="01010101" Cantidad="3" ` +
    `ClaveUnidad="H87" Descripcion="${descripcion}" ValorUnitario="33.33" Importe="99.99" ObjetoImp="02"><cfdi:Impuestos>` +
    `<cfdi:Traslados><cfdi:Traslado Base="99.99" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.160000" Importe="15.9984"/>` +
    `</cfdi:Traslados></cfdi:Impuestos></cfdi:Concepto></cfdi:Conceptos><cfdi:Impuestos TotalImpuestosTrasladados="16.00">` +
    `<cfdi:Traslados><cfdi:Traslado Base="99.99" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.160000" Importe="16.00"/>` +
    `</cfdi:Traslados></cfdi:Impuestos></cfdi:Comprobante>`
  );
}

/** A sealed comprobante for tests of PACs, by the sandbox's own reckoning of the cadena original. */
export function sampleComprobante(sealer: Sealer, options: SampleOptions = {}): Buffer {
  const { change = (xml: string): string => xml, tamper = (xml: string): string => xml } = options;
  const xml = change(unsealed(sealer, options));
  const cadena = cadenaOriginal(parse(Buffer.from(xml, 'utf8')).root);
  const sello = sign('RSA-SHA256', Buffer.from(cadena, 'utf8'), sealer.key).toString('base64');
  return Buffer.from(tamper(xml.replace('Sello=""', `Sello="${sello}"`)), 'utf8');
}
