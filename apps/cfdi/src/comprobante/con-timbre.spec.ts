import { describe, expect, it } from '@jest/globals';
import { conTimbre } from './con-timbre.ts';

const head = '<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4">';
const tfd = '<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital"/>';

describe('a stamp that comes apart from its comprobante', () => {
  it('is put into a Complemento at the end', () => {
    const sealed = Buffer.from(`${head}<cfdi:Emisor/></cfdi:Comprobante>`);
    const stamped = `${head}<cfdi:Emisor/><cfdi:Complemento>${tfd}</cfdi:Complemento></cfdi:Comprobante>`;
    expect(conTimbre(sealed, `<?xml version="1.0"?>${tfd}`)).toBe(stamped);
  });

  it('is put into the Complemento that is there, since there may be one only', () => {
    const pagos = '<p:Pagos xmlns:p="http://www.sat.gob.mx/Pagos20"/>';
    const sealed = Buffer.from(`${head}<cfdi:Complemento>${pagos}</cfdi:Complemento></cfdi:Comprobante>`);
    const stamped = `${head}<cfdi:Complemento>${pagos}${tfd}</cfdi:Complemento></cfdi:Comprobante>`;
    expect(conTimbre(sealed, tfd)).toBe(stamped);
  });

  it('is nothing when it is no XML', () => {
    expect(conTimbre(Buffer.from(`${head}</cfdi:Comprobante>`), 'x')).toBe('');
  });
});
