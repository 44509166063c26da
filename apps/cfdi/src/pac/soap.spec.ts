import { describe, expect, it } from '@jest/globals';
import { attributeOf, readXml } from '@nexora/comprobante';
import { soapAnswer, soapCall, textOf } from './soap.ts';

const envelope = (body: string): string =>
  `<?xml version='1.0' encoding='UTF-8'?>\n<senv:Envelope xmlns:senv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:tns="urn:x" xmlns:s0="apps.services.soap.core.views"><senv:Body>${body}</senv:Body></senv:Envelope>`;

describe('a SOAP call', () => {
  it('is one operation with its fields, their text intact', () => {
    const text = soapCall('urn:service', 'stamp', { username: 'a & <b>', password: 'ñ"\'' });
    const { root } = readXml(text);
    expect([root.local, attributeOf(root, 'x')]).toEqual(['Envelope', undefined]);
    expect(text).toContain('<op:username>a &amp; &lt;b&gt;</op:username><op:password>ñ"\'</op:password>');
    expect(text).toMatch(/<soap:Body><op:stamp>.*<\/op:stamp><\/soap:Body>/);
  });
});

describe('a SOAP answer', () => {
  it('gives the result of the operation, whatever its prefixes', () => {
    const inner =
      '<tns:stampResponse><tns:stampResult><s0:xml>&lt;a b="1"/&gt;</s0:xml><s0:UUID/></tns:stampResult></tns:stampResponse>';
    const answer = soapAnswer(envelope(inner), 'stamp');
    const result = answer !== undefined && 'result' in answer ? answer.result : undefined;
    expect(textOf(result!, 'xml')).toBe('<a b="1"/>');
    expect([textOf(result!, 'UUID'), textOf(result!, 'Fecha')]).toEqual(['', '']);
    expect(soapAnswer(envelope(inner), 'stamped')).toBeUndefined();
  });

  it('gives the sentence of a fault', () => {
    const fault = '<senv:Fault><faultcode>senv:Server</faultcode><faultstring>No puedo.</faultstring></senv:Fault>';
    expect(soapAnswer(envelope(fault), 'stamp')).toEqual({ fault: 'No puedo.' });
  });

  it('is none when it is HTML, half an envelope, empty, another document or a bomb', () => {
    const whole = envelope('<tns:stampResponse><tns:stampResult/></tns:stampResponse>');
    const bomb = `<!DOCTYPE a [<!ENTITY b "b">]>${whole.replace(/^<\?xml.*\n/, '')}`;
    const texts = ['', '<html><body>Inicie sesión</body></html>', whole.slice(0, -30), '<a/>', envelope(''), bomb];
    for (const text of texts) expect(soapAnswer(text, 'stamp')).toBeUndefined();
    expect(soapAnswer(whole, 'stamp')).toBeDefined();
  });
});
