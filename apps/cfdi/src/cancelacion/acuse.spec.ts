import { describe, expect, it } from '@jest/globals';
import { estatusEnAcuse } from './acuse.ts';

const UUID = 'fe4e71b0-8959-4fb9-8091-f5ac4fb0fef8';
const folios = (uuid: string, code: string): string =>
  `<Folios xmlns="http://cancelacfd.sat.gob.mx"><UUID>${uuid}</UUID><EstatusUUID>${code}</EstatusUUID></Folios>`;

describe('the acknowledgement of a cancellation', () => {
  it('tells the code of the folio, whatever the case of its letters and the envelope around it', () => {
    const bare = `<?xml version="1.0"?><Acuse Fecha="2026-11-21T02:49:35">${folios(UUID.toUpperCase(), '201')}</Acuse>`;
    expect(estatusEnAcuse(bare, UUID)).toBe('201');
    const soap = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><R>${folios(UUID, ' 205 ')}</R></s:Body></s:Envelope>`;
    expect(estatusEnAcuse(soap, UUID)).toBe('205');
  });

  it('tells nothing of another folio, and is none when it is no XML', () => {
    const other = '01234567-89ab-4cde-8f01-23456789abcd';
    expect(estatusEnAcuse(`<Acuse>${folios(other, '201')}</Acuse>`, UUID)).toBeUndefined();
    for (const text of ['', 'voucher', '<Acuse>', '<!DOCTYPE a><a/>'])
      expect(estatusEnAcuse(text, UUID)).toBeUndefined();
  });
});
