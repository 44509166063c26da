import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { describeWhen, satResource, satResources } from '@nexora/testing';
import { hasCode, tasaFits } from './catalogos.ts';
import { decimalesDe } from './monedas.ts';
import { isPais } from './paises.ts';
import { isUnidad } from './unidades.ts';

/** Rows of a CSV without quoted line ends. */
function rows(name: string): string[][] {
  const lines = readFileSync(satResource(`catalogos/${name}.csv`), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  return lines.map((line) =>
    [...line.matchAll(/("([^"]*)"|[^,]*)(,|$)/g)].map(([, raw = '', quoted]) => quoted ?? raw),
  );
}

describe('currencies', () => {
  it('have the decimals that the tax authority gives them', () => {
    expect(['MXN', 'JPY', 'KWD', 'CLF', 'ABC'].map(decimalesDe)).toEqual([2, 0, 3, 4, undefined]);
  });
});

describeWhen(satResources)('small catalogues against the state of 2026-08', () => {
  it('know every currency with its decimals', () => {
    const monedas = rows('c_monedas');
    expect(monedas.length).toBeGreaterThan(180);
    for (const [code = '', , decimals] of monedas) expect([code, decimalesDe(code)]).toEqual([code, Number(decimals)]);
  });

  it('know every unit, the ones with small letters too, and every country', () => {
    const [unidades, paises] = [rows('c_claves_unidades'), rows('c_paises')];
    expect([unidades.length, paises.length]).toEqual([2418, 250]);
    expect(unidades.filter(([code = '']) => !isUnidad(code))).toEqual([]);
    expect(paises.filter(([code = '']) => !isPais(code))).toEqual([]);
    expect([isUnidad('Ohm'), isUnidad('OHM'), isUnidad(''), isPais('US')]).toEqual([true, false, false, false]);
  });

  it.each([
    ['formas_pago', 'c_formas_pago'],
    ['metodos_pago', 'c_metodos_pago'],
    ['exportaciones', 'c_exportaciones'],
    ['objetos_impuestos', 'c_objetos_impuestos'],
    ['periodicidades', 'c_periodicidades'],
    ['meses', 'c_meses'],
    ['regimenes_fiscales', 'c_regimenes_fiscales'],
    ['tipos_relaciones', 'c_tipos_relaciones'],
    ['usos_cfdi', 'c_usos_cfdi'],
    ['tipos_comprobantes', 'c_tipos_comprobantes'],
  ] as const)('%s holds every code of the tax authority', (catalogo, file) => {
    const codes = rows(file).map(([code = '']) => code);
    expect(codes.filter((code) => !hasCode(catalogo, code, '2026-11-21'))).toEqual([]);
  });

  it('every rate of c_TasaOCuota is taken on its side and refused beyond its range', () => {
    const NAMES: Readonly<Record<string, string>> = { ISR: '001', IVA: '002', IEPS: '003' };
    for (const [tipo, , valor = '', impuesto = '', factor = '', traslado, retencion] of rows('c_reglas_tasa_cuota')) {
      const code = NAMES[impuesto.split(' ')[0] ?? ''] ?? '';
      for (const [side, mark] of [
        ['traslado', traslado],
        ['retencion', retencion],
      ] as const) {
        if (mark !== '1') continue;
        expect([valor, side, tasaFits(side, code, factor, valor, '2026-11-21')]).toEqual([valor, side, true]);
        if (tipo !== 'Rango') continue;
        const above = (Number(valor) + 0.000001).toFixed(6);
        expect([above, side, tasaFits(side, code, factor, above, '2026-11-21')]).toEqual([above, side, false]);
      }
    }
  });
});
