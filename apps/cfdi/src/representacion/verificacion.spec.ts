import { describe, expect, it } from '@jest/globals';
import { menos, miles, tasa } from './formato.ts';
import { codigoQr } from './qr.ts';
import { direccionDeVerificacion } from './verificacion.ts';

const UUID = '5fb2822e-396d-4725-8521-cdc4bdd20ccf';

describe("the SAT's verification address", () => {
  const base = {
    uuid: UUID,
    emisor: 'EKU9003173C9',
    receptor: 'CACX7605101P8',
    total: '115.99',
    sello: 'abcdefgh12345678',
  };

  it('carries folio, both RFCs, total and the end of the seal', () => {
    expect(direccionDeVerificacion(base)).toBe(
      `https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx?id=${UUID}&re=EKU9003173C9&rr=CACX7605101P8&tt=115.99&fe=12345678`,
    );
  });

  it('writes the & of an RFC as &amp;', () => {
    expect(direccionDeVerificacion({ ...base, emisor: 'H&E951128469' })).toContain('&re=H&amp;E951128469&rr=');
  });

  it.each([
    ['115.90', '115.9'],
    ['100.00', '100.0'],
    ['100', '100.0'],
    ['0.00', '0.0'],
    ['0.10', '0.1'],
    ['123456789012345678.000001', '123456789012345678.000001'],
  ])('writes the total %s as %s', (total, written) => {
    expect(direccionDeVerificacion({ ...base, total })).toContain(`&tt=${written}&`);
  });
});

describe('figures for people', () => {
  it.each([
    ['0.00', '0.00'],
    ['999.5', '999.5'],
    ['1000', '1,000'],
    ['1234567.891', '1,234,567.891'],
  ])('%s is written %s', (figure, written) => {
    expect(miles(figure)).toBe(written);
  });

  it.each([
    ['0.160000', '16%'],
    ['0.080000', '8%'],
    ['0.106667', '10.6667%'],
    ['0.012500', '1.25%'],
    ['1.600000', '160%'],
    ['0.000000', '0%'],
    ['0.300000', '30%'],
  ])('a rate of %s is written %s', (rate, written) => {
    expect(tasa('Tasa', rate)).toBe(written);
  });

  it.each([
    ['1500.00', '-1,500.00'],
    ['0.00', '0.00'],
    ['', ''],
  ])('%j taken away is written %j', (figure, written) => {
    expect(menos(figure)).toBe(written);
  });

  it('leaves an amount per unit as it is', () => {
    expect(tasa('Cuota', '6.754000')).toBe('6.754000');
    expect(tasa('Exento', '')).toBe('');
  });
});

describe('the QR code', () => {
  it('is a square of vectors, every bar inside it', () => {
    const { size, barras } = codigoQr('hola');
    expect(size).toBe(21);
    for (const { x, y, width } of barras) {
      expect(x >= 0 && y >= 0 && width > 0 && x + width <= size && y < size).toBe(true);
    }
  });
});
