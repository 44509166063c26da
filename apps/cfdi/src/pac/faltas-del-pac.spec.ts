import { describe, expect, it } from '@jest/globals';
import { citado, faltaDelPac } from './faltas-del-pac.ts';

describe('what a PAC refuses', () => {
  it.each([
    ['CFDI40145', 'CFDI40145 - El campo Nombre', '(CFDI40145): El campo Nombre'],
    ['307', '307. El comprobante contiene un timbre previo.', '(307): El comprobante contiene un timbre previo.'],
    ['CFDI40145', 'CFDI40145: El campo Nombre', '(CFDI40145): El campo Nombre'],
    ['CFDI40145', 'El campo Nombre', '(CFDI40145): El campo Nombre'],
    ['401', '4015 pesos', '(401): 4015 pesos'],
    ['CFDI40145', 'CFDI40145', '(CFDI40145): CFDI40145'],
  ])('says the code %s once: %s', (code, message, said) => {
    expect(citado(code, message)).toBe(said);
  });

  it.each(['CFDI40130', 'CFDI40131', 'CFDI40132', 'CFDI40133', 'CFDI40134', 'CFDI40135', 'CFDI40136'])(
    'of the global invoice names a field and a remedy: %s',
    (code) => {
      const { path, message, remedy } = faltaDelPac(code, `${code} - No`);
      expect(path).toMatch(/^informacionGlobal/);
      expect(message).toBe(`El SAT rechazó el comprobante (${code}): No`);
      expect(remedy).not.toMatch(/vuelva a guardar/);
    },
  );
});
