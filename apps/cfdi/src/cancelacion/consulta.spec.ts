import { describe, expect, it } from '@jest/globals';
import { attributeOf, readXml } from '@nexora/comprobante';
import { expresionImpresa, leeEstado, preguntaAlSat } from './consulta.ts';

const consultado = {
  emisor: 'EKU9003173C9',
  receptor: 'CACX7605101P8',
  total: '115.990000',
  uuid: 'fe4e71b0-8959-4fb9-8091-f5ac4fb0fef8',
  sello: 'abc+/xyz12==',
};
const answer = (inner: string): string =>
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><ConsultaResponse xmlns="http://tempuri.org/">' +
  `<ConsultaResult xmlns:a="http://schemas.datacontract.org/2004/07/Sat.Cfdi.Negocio.ConsultaCfdi.Servicio">${inner}` +
  '</ConsultaResult></ConsultaResponse></s:Body></s:Envelope>';

describe('the question at the consultation service', () => {
  it('is the printed expression: total without zeros, last eight of the seal, & of an RFC written out', () => {
    expect(expresionImpresa(consultado)).toBe(
      '?re=EKU9003173C9&rr=CACX7605101P8&tt=115.99&id=fe4e71b0-8959-4fb9-8091-f5ac4fb0fef8&fe=/xyz12==',
    );
    expect(expresionImpresa({ ...consultado, emisor: 'A&B900101AB1', total: '0' })).toContain(
      '?re=A&amp;B900101AB1&rr=CACX7605101P8&tt=0.0&',
    );
    expect(expresionImpresa({ ...consultado, total: '1500.00' })).toContain('&tt=1500.0&');
  });

  it('is put into an envelope that gives it back character by character', () => {
    const expresion = expresionImpresa({ ...consultado, emisor: 'A&B900101AB1' });
    const { root } = readXml(preguntaAlSat(expresion));
    expect([root.uri, root.local, attributeOf(root, 'x')]).toEqual([
      'http://schemas.xmlsoap.org/soap/envelope/',
      'Envelope',
      undefined,
    ]);
    const text = JSON.stringify(root);
    expect(text).toContain(JSON.stringify(expresion));
    expect(text).toContain('http://tempuri.org/');
  });
});

describe('its answer', () => {
  it('is read by name, whatever the prefixes', () => {
    const text = answer(
      '<a:CodigoEstatus>S - Comprobante obtenido satisfactoriamente.</a:CodigoEstatus><a:EsCancelable>Cancelable con aceptación</a:EsCancelable>' +
        '<a:Estado>Vigente</a:Estado><a:EstatusCancelacion>Solicitud rechazada</a:EstatusCancelacion><a:ValidacionEFOS>200</a:ValidacionEFOS>',
    );
    expect(leeEstado(text)).toEqual({
      codigoEstatus: 'S - Comprobante obtenido satisfactoriamente.',
      estado: 'Vigente',
      esCancelable: 'Cancelable con aceptación',
      estatusCancelacion: 'Solicitud rechazada',
      validacionEfos: '200',
    });
    const none = answer(
      '<a:CodigoEstatus>N - 602: Comprobante no encontrado.</a:CodigoEstatus><a:Estado>No Encontrado</a:Estado><a:EstatusCancelacion/>',
    );
    expect(leeEstado(none)).toMatchObject({ estado: 'No Encontrado', estatusCancelacion: '' });
  });

  it.each([
    '',
    '<html><body>Service Unavailable</body></html>',
    '<a>',
    answer(''),
    answer('<a:Estado>Vigente</a:Estado>'),
  ])('is none when it says no state: %#', (text) => expect(leeEstado(text)).toBeUndefined());
});
