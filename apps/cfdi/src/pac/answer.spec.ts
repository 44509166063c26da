import { describe, expect, it } from '@jest/globals';
import { harmless } from './answer.ts';

describe("a PAC's own words", () => {
  it('are shown without what they repeat of our account', () => {
    const said = ['El usuario ana@example.mx con clave s3creta! no existe', 's3creta!'];
    const shown = harmless(said, ['s3creta!', 'ana@example.mx', '']);
    expect(shown).toBe('El usuario … con clave … no existe …');
  });

  it('are cut to a reasonable length', () => {
    expect(harmless(['x'.repeat(2_000)], []).length).toBe(500);
    expect(harmless(['', 'a', '', 'b'], [])).toBe('a b');
  });
});
