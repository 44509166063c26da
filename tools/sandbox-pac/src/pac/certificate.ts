import { X509Certificate } from 'node:crypto';
import { childAt, oidOf, readAll, textOf, type Der } from './der.ts';
import { Refusal } from './refusal.ts';

const uniqueIdentifier = '2.5.4.45';
const organizationalUnit = '2.5.4.11';
const keyUsage = '2.5.29.15';
/** Digital signature and non-repudiation, the first two bits; a CSD has these and no other. */
const sealingUsage = 0b1100_0000;
const extensionsTag = 0xa3;

/** What a PAC looks at in the certificate of a comprobante. */
export interface SealingCertificate {
  readonly x509: X509Certificate;
  /** 20 digits. */
  readonly number: string;
  readonly rfc: string;
  readonly isCsd: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

function subjectValues(subject: Der): Map<string, string> {
  const parts = readAll(subject.content).flatMap((set) => readAll(set.content));
  return new Map(parts.map((part) => [oidOf(childAt(part, 0)), textOf(childAt(part, 1))]));
}

/** First byte of the key usage bits; 0 when the certificate has none. */
function usageOf(fields: readonly Der[]): number {
  const wrapper = fields.find((field) => field.tag === extensionsTag);
  const extensions = wrapper === undefined ? [] : readAll(childAt(wrapper, 0).content);
  const usage = extensions.find((extension) => oidOf(childAt(extension, 0)) === keyUsage);
  const value = usage === undefined ? undefined : readAll(usage.content).at(-1);
  if (value === undefined) return 0;
  const bits = childAt({ tag: 0, content: value.content }, 0).content;
  return (bits[2] ?? 0) === 0 ? (bits[1] ?? 0) : -1;
}

/** Reads a certificate as it stands in the attribute `Certificado`. Errors: Refusal CFDI40106. */
export function readCertificate(base64: string): SealingCertificate {
  try {
    const der = Buffer.from(base64, 'base64');
    const x509 = new X509Certificate(der);
    const fields = readAll(childAt({ tag: 0, content: der }, 0, 0).content);
    // version [0], serial, algorithm, issuer, validity, subject, …
    const [, serial, , , , subject] = fields;
    if (serial === undefined || subject === undefined) throw new RangeError('Certificate without serial or subject');
    const values = subjectValues(subject);
    return {
      x509,
      number: serial.content.toString('latin1'),
      rfc: (values.get(uniqueIdentifier) ?? '').split('/')[0]?.trim() ?? '',
      isCsd: usageOf(fields) === sealingUsage && values.has(organizationalUnit),
      notBefore: x509.validFromDate,
      notAfter: x509.validToDate,
    };
  } catch (cause) {
    throw new Refusal('CFDI40106', 'El atributo Certificado no contiene un certificado X.509', { cause });
  }
}
