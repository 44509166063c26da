import { describe, expect, it } from '@jest/globals';
import { cli } from './cli.conformance.ts';

describe('npm run cfdi -- letra', () => {
  it.each([
    [['21.50'], 'VEINTIÚN PESOS 50/100 M.N.'],
    [['1000', 'MXN'], 'MIL PESOS 00/100 M.N.'],
    [['1000000', 'MXN'], 'UN MILLÓN DE PESOS 00/100 M.N.'],
    [['1', 'USD'], 'UN DÓLAR 00/100 USD'],
    [['21.50', 'EUR'], 'VEINTIÚN EUROS 50/100 EUR'],
    [['999999999.99', 'MXN'], expect.stringMatching(/^NOVECIENTOS .* PESOS 99\/100 M\.N\.$/)],
  ])('ends with 0 and says %j', async (args, words) => {
    const { code, out, err } = await cli('letra', ...args);
    expect({ code, out: out.replace(/\n$/, ''), err }).toEqual({ code: 0, out: words, err: '' });
  });

  it.each([
    ['no amount', ['']],
    ['a word', ['uno']],
    ['a sign', ['--', '-5']],
    ['commas', ['1,000.00']],
    ['a comma for the point', ['1,50']],
    ['an exponent', ['1e3']],
    ['no whole part', ['.50']],
    ['no decimals behind the point', ['5.']],
    ['19 whole digits', ['1234567890123456789']],
    ['infinity', ['Infinity']],
    ['digits of another script', ['١٢٣']],
    ['a line end behind it', ['1\n']],
    ['an unknown currency', ['1', 'XYZ']],
    ['a currency in small letters', ['1', 'mxn']],
    ['no currency', ['1', '']],
    ['the name of something that every object has', ['1', '__proto__']],
  ])('ends with 1 for %s, with one sentence and nothing said', async (_what, args) => {
    const { code, out, err } = await cli('letra', ...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^[A-ZÁÉÍÓÚ][^\n]*\.\n$/);
  });

  it.each([
    ['nothing', []],
    ['too much', ['1', 'MXN', 'x']],
    ['an unknown option', ['--nada', '1']],
  ])('ends with 2 for %s, with its usage', async (_what, args) => {
    const { code, out, err } = await cli('letra', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('cfdi -- letra');
  });
});
