import { describe, expect, it } from '@jest/globals';
import { XmlFault } from '@nexora/comprobante';
import { Invalid, Unsupported } from '../comprobante/recorrido.ts';
import { CONCEPTO_COMPLETO } from './muestras/galeria.conformance.ts';
import { readRepresentacion } from './lectura.ts';
import { concepto, docto, elemento, muestra, muestraDePago, pago } from './muestras/muestras.conformance.ts';

const changed = (from: string | RegExp, to: string): Buffer => Buffer.from(muestra().toString().replace(from, to));

describe('reading a comprobante for printing', () => {
  it('reads all that a line may carry', () => {
    const [line] = readRepresentacion(muestra({ conceptos: [CONCEPTO_COMPLETO] })).conceptos;
    expect(line).toMatchObject({
      pedimentos: ['15  48  3009  0001234'],
      prediales: ['15956011002'],
      tercero: { rfc: 'JUFA7608212V6', nombre: 'ADRIANA JUAREZ FERNANDEZ', regimen: '606', domicilio: '29133' },
      partes: [{ descripcion: 'Llanta rin 17', importe: '8400.00', pedimentos: ['15  48  3009  0005678'] }],
    });
    expect(line?.impuestos.map(({ lado, impuesto }) => `${lado} ${impuesto}`)).toEqual([
      'traslado 002',
      'traslado 003',
      'traslado 002',
      'retencion 001',
    ]);
  });

  it('reads payments with their documents and taxes', () => {
    const { pagos } = readRepresentacion(muestraDePago([pago({}, [docto(), docto()]), pago({}, [docto()])]));
    expect(pagos?.totales('MontoTotalPagos')).toBe('1160.00');
    expect(pagos?.pagos.map(({ doctos }) => doctos.length)).toEqual([2, 1]);
    expect(pagos?.pagos[0]?.impuestos).toMatchObject([
      { lado: 'traslado', base: '1000.00' },
      { lado: 'retencion', impuesto: '001', importe: '12.50' },
    ]);
    expect(pagos?.pagos[0]?.doctos[0]?.impuestos).toMatchObject([{ tasaOCuota: '0.160000', importe: '160.00' }]);
  });

  it('reads what others made: another prefix, ISO-8859-1, line feeds in a text', () => {
    const other = muestra({ conceptos: [concepto({ Descripcion: 'uno\n dos' })] })
      .toString()
      .replaceAll('cfdi:', 'x:')
      .replace('xmlns:cfdi', 'xmlns:x')
      .replace('UTF-8', 'ISO-8859-1')
      .replace('XOCHILT', 'ÑANDÚ');
    const r = readRepresentacion(Buffer.from(other, 'latin1'));
    expect(r.receptor('Nombre')).toBe('ÑANDÚ CASAS CHAVEZ');
    expect(r.conceptos[0]?.descripcion).toBe('uno dos');
  });

  it('leaves the addenda out', () => {
    expect(
      readRepresentacion(changed('</cfdi:Comprobante>', '<cfdi:Addenda><a/></cfdi:Addenda></cfdi:Comprobante>')),
    ).toBeDefined();
  });

  it.each([
    ['is no XML', Buffer.from('no xml'), XmlFault],
    ['is no CFDI', Buffer.from('<a/>'), Invalid],
    ['is of version 3.3', changed('Version="4.0"', 'Version="3.3"'), Invalid],
    ['has a stamp without UUID', changed(/ UUID="[^"]*"/, ''), Invalid],
    ['has a UUID of another form', changed(/ UUID="[^"]*"/, ` UUID="${'a'.repeat(4_000)}"`), Invalid],
    ['has an Importe that is none', changed(/ Importe="[^"]*"/, ' Importe="NaN"'), Invalid],
    ['has a Fecha that is none', changed(/ Fecha="[^"]*"/, ' Fecha="ayer"'), Invalid],
    ['is not stamped', changed(/<cfdi:Complemento>.*<\/cfdi:Complemento>/, ''), Invalid],
    ['is stamped twice', changed(/(<tfd:TimbreFiscalDigital.*?\/>)/, '$1$1'), Invalid],
    ['has a total that is no figure', changed('Total="115.99"', 'Total="mucho"'), Invalid],
    [
      'holds a complemento that is not printed',
      muestra({ complementos: '<n:Nomina xmlns:n="http://www.sat.gob.mx/nomina12"/>' }),
      Unsupported,
    ],
    [
      'holds a complemento in a line',
      muestra({
        conceptos: [
          concepto(
            {},
            elemento('cfdi:ComplementoConcepto', {}, '<i:instEducativas xmlns:i="http://www.sat.gob.mx/iedu"/>'),
          ),
        ],
      }),
      Unsupported,
    ],
  ])('says why when the document %s', (_, xml, fault) => {
    expect(() => readRepresentacion(xml)).toThrow(fault);
  });
});
