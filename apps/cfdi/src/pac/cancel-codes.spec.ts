import { expect, it } from '@jest/globals';
import { cancelCodeIn, cancelMeaningOf, pacCodeIn, speaksOfTheRequest } from './cancel-codes.ts';

it.each([
  ['205', '205'],
  ['CA305 - Certificado Inválido.', '305'],
  ['CR1310. Clave de motivo de cancelación no válida', '1310'],
  ['708: No se pudo conectar al SAT', '708'],
  [' 300 - El usuario o contraseña son inválidos', '300'],
  ['no_cancelable', '204'],
  ['CACFDI33 - Problemas con los campos.', undefined],
  ['Son necesarios el .Cer y el .Key en formato B64', undefined],
  ['20512', undefined],
  ['', undefined],
])('the code in front of "%s" is %s', (text, code) => expect(cancelCodeIn(text)).toBe(code));

it('the same number means another thing than for stamping; accounts and outages are those of stamping', () => {
  expect(cancelMeaningOf('202')).toBe('asked-before');
  expect(cancelMeaningOf('302')).toBe('ours');
  expect(cancelMeaningOf('AU2001')).toBe('account');
  expect(cancelMeaningOf('AU1000')).toBe('transient');
  expect(cancelMeaningOf('307')).toBeUndefined();
  expect(cancelMeaningOf('9999')).toBeUndefined();
});

it('a code of the PAC itself is found where the tax authority has none', () => {
  expect(pacCodeIn('CACFDI33 - Problemas con los campos.')).toBe('CACFDI33');
  expect(pacCodeIn('Son necesarios el .Cer y el .Key en formato B64')).toBeUndefined();
});

it.each(['206', '213', '309', '401', '1310', 'CACFDI33', 'XX12345'])('%s speaks of the request', (code) =>
  expect(speaksOfTheRequest(code)).toBe(true),
);

it.each(['501', '710', '2999', 'http-400', 'no-code', 'CO1999', 'AU1999', 'SYS500'])('%s does not', (code) =>
  expect(speaksOfTheRequest(code)).toBe(false),
);
