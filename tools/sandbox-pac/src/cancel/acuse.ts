import { createHmac } from 'node:crypto';
import { localTime } from '../pac/dates.ts';
import type { ReadRequest } from './authority.ts';

/** Key of a seal that nobody can check; the real one is the tax authority's own secret, too. */
const secret = 'sandbox';

/** The acknowledgement of the tax authority for one folio, as it comes bare. */
export function acuseOf({ rfc, uuid }: ReadRequest, code: string, now: Date): string {
  const folios = `<Folios xmlns="http://cancelacfd.sat.gob.mx"><UUID>${uuid.toUpperCase()}</UUID><EstatusUUID>${code}</EstatusUUID></Folios>`;
  const seal = createHmac('sha512', secret).update(folios).digest('base64');
  return (
    '<?xml version="1.0" encoding="utf-8"?><Acuse xmlns:xsd="http://www.w3.org/2001/XMLSchema" ' +
    `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Fecha="${localTime(now)}" RfcEmisor="${escaped(rfc)}">` +
    `${folios}<Signature Id="SelloSAT" xmlns="http://www.w3.org/2000/09/xmldsig#"><SignatureValue>${seal}</SignatureValue>` +
    '</Signature></Acuse>'
  );
}

/** The same in the SOAP envelope of the tax authority's service, as Finkok hands it on. */
export function envelopedAcuse(request: ReadRequest, code: string, now: Date): string {
  const bare = acuseOf(request, code, now).replace(/^<\?xml[^>]*\?>/, '');
  const result = bare.replace('<Acuse ', '<CancelaCFDResult ').replace('</Acuse>', '</CancelaCFDResult>');
  return (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>' +
    `<CancelaCFDResponse xmlns="http://cancelacfd.sat.gob.mx">${result}</CancelaCFDResponse></s:Body></s:Envelope>`
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;');
}
