import { describe, expect, it } from '@jest/globals';
import { codeIn, meaningOf } from './codigos.ts';

describe('a code that nobody listed', () => {
  it.each([
    'CFDI40999',
    'CFDI33105',
    'CFDI40204',
    'CRP20999',
    'CCE20101',
    'CP101',
    'CP12345',
    'NOM132',
    'INE180',
    'ECC121',
  ])('is data by its form: %s', (code) => expect(meaningOf(code)).toBe('data'));

  it('is the account when it has the form of a login', () => expect(meaningOf('AU2999')).toBe('account'));

  it.each(['AU1999', 'AU4100', 'CO1999', 'HTTP502', 'ERR500', 'SYS001', '999', '710', 'XX99', 'CFDI', 'toString', ''])(
    'says nothing for good: %s',
    (code) => expect(meaningOf(code)).toBeUndefined(),
  );
});

describe('a refusal in words of an earlier stamp', () => {
  it('is no matter of the data under a code that nobody listed', () => {
    for (const said of ['El comprobante ya fue timbrado.', 'contiene un timbre previo', 'Comprobante duplicado'])
      expect(meaningOf('CFDI33999', said)).toBeUndefined();
    expect(meaningOf('CFDI33999', 'El dato no se puede timbrar.')).toBe('data');
    expect(meaningOf('CFDI3307', 'duplicado')).toBe('previous');
  });
});

describe('a code that is listed', () => {
  it.each([
    ['CFDI40101', 'clock'],
    ['CFDI40102', 'ours'],
    ['CFDI3307', 'previous'],
    ['CO1000', 'transient'],
    ['708', 'transient'],
    ['304', 'certificate'],
  ])('keeps its class whatever its form: %s is %s', (code, of) => expect(meaningOf(code)).toBe(of));
});

describe("a PAC's sentence", () => {
  it.each([
    ['CFDI33105 - El campo NoCertificado', 'CFDI33105'],
    ['CCE20101: falta', 'CCE20101'],
    ['cp101. El nodo', 'CP101'],
    ['307. El comprobante', '307'],
    ['Servicio no disponible', undefined],
    ['', undefined],
  ])('has its code in front: %s', (message, code) => expect(codeIn(message)).toBe(code));
});
