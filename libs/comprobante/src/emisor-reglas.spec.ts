import { describe, expect, it } from '@jest/globals';
import { reglasDelEmisor, type DatosDelEmisor } from './emisor-reglas.ts';

const good: DatosDelEmisor = {
  rfc: 'EKU9003173C9',
  nombre: 'ESCUELA KEMPER URGATE',
  regimenFiscal: '601',
  zonaHoraria: null,
};
const judged = (changes: Partial<DatosDelEmisor>) => reglasDelEmisor({ ...good, ...changes }, '2026-11-21');

describe('what is registered of an issuer', () => {
  it('is taken when it is as the tax authority has it', () => {
    for (const changes of [
      {},
      { zonaHoraria: 'America/Tijuana' },
      { rfc: 'CACX7605101P8', regimenFiscal: '612' },
      { rfc: 'H&E951128469' },
      { nombre: 'LA SA' },
    ]) {
      expect(judged(changes)).toEqual([]);
    }
  });

  it.each([
    ['rfc', { rfc: 'EKU-900317-3C9' }, /constancia/],
    ['rfc', { rfc: 'XAXX010101000' }, /constancia/],
    ['nombre', { nombre: '' }, /valor/],
    ['nombre', { nombre: 'A|B' }, /signo/],
    ['nombre', { nombre: 'ESCUELA KEMPER URGATE SA DE CV' }, /Quítelo/],
    ['nombre', { nombre: 'ESCUELA KEMPER URGATE, S.A. DE C.V.' }, /Quítelo/],
    ['regimenFiscal', { regimenFiscal: '999' }, /c_RegimenFiscal/],
    ['regimenFiscal', { regimenFiscal: '612' }, /constancia/],
    ['zonaHoraria', { zonaHoraria: 'Europe/Madrid' }, /America\/Tijuana/],
  ])('names %s when it is wrong, with the remedy', (path, changes, remedy) => {
    expect(judged(changes)).toMatchObject([{ path, remedy: expect.stringMatching(remedy) }]);
  });
});
