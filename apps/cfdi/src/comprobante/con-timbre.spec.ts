import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { calculaImportes, ejemploDeIngreso, ejemploDePagos, readXml, type Documento } from '@nexora/comprobante';
import { cadenaOriginal } from './cadena-original.ts';
import { conTimbre } from './con-timbre.ts';
import { TFD } from './espacios.ts';
import { sella } from './sellado.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const emisor = { rfc: 'EKU9003173C9', nombre: 'ESCUELA KEMPER URGATE', regimenFiscal: '601' };
const certificado = { numero: '3'.repeat(20), base64: 'AA==' };
const seal = (documento: Documento): ReturnType<typeof sella> =>
  sella(
    { documento, importes: calculaImportes(documento), emisor, fecha: '2026-11-21T09:30:00', certificado },
    privateKey,
  );
const tfd = `<tfd:TimbreFiscalDigital xmlns:tfd="${TFD}" Version="1.1"/>`;

describe('a stamp that came apart from its comprobante', () => {
  it('gets a Complemento of its own', () => {
    const { bytes } = seal(ejemploDeIngreso());
    const expected = bytes.toString().replace('</cfdi:Comprobante>', `<cfdi:Complemento>${tfd}</cfdi:Complemento>$&`);
    expect(conTimbre(bytes, tfd)).toBe(expected);
  });

  it('goes behind the payments: a Comprobante has one Complemento at most', () => {
    const { bytes, cadena } = seal(ejemploDePagos());
    const whole = conTimbre(bytes, tfd);
    expect(whole).toBe(bytes.toString().replace('</cfdi:Complemento>', `${tfd}$&`));
    expect(whole.match(/<cfdi:Complemento>/g)).toHaveLength(1);
    expect(cadenaOriginal(readXml(whole).root)).toBe(cadena);
  });

  it.each(['', 'no es XML', '<a>'])('is none where it is no XML element: «%s»', (stamp) => {
    expect(conTimbre(seal(ejemploDeIngreso()).bytes, stamp)).toBe('');
  });
});
