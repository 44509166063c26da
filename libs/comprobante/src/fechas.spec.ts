import { describe, expect, it } from '@jest/globals';
import { isFechaHora } from './fechas.ts';

describe('a date with time of Anexo 20', () => {
  it.each(['2026-11-21T09:30:00', '2028-02-29T00:00:00', '2026-12-31T23:59:59'])('is %s', (text) =>
    expect(isFechaHora(text)).toBe(true),
  );

  it.each([
    '2026-02-29T10:00:00',
    '2026-02-30T10:00:00',
    '2026-11-31T10:00:00',
    '2026-11-21T24:00:00',
    '2026-13-01T10:00:00',
    '2026-11-21',
    '2026-11-21T09:30:00Z',
    '2026-11-21T09:30:00-06:00',
    '2026-11-21 09:30:00',
    '2026-11-21T09:30:00\n',
    '1999-11-21T09:30:00',
    '',
  ])('is not %j', (text) => expect(isFechaHora(text)).toBe(false));
});
