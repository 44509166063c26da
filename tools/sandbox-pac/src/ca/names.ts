import type { JsonAttributeObject, JsonNameParams } from '@peculiar/x509';

/** What the tax authority writes into the subject of a certificate. */
export interface Holder {
  readonly rfc: string;
  /** Name as registered; a company's with its corporate form, which a comprobante leaves out. */
  readonly nombre: string;
  readonly curp: string;
  /** Only companies have one: who signs for them. */
  readonly representative?: { readonly rfc: string; readonly curp: string };
  /** Branch. A CSD has one, an e.firma has none: it is one of the two marks that tell them apart. */
  readonly branch?: string;
  readonly email?: string;
}

const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

const oid = {
  commonName: '2.5.4.3',
  serialNumber: '2.5.4.5',
  country: '2.5.4.6',
  organization: '2.5.4.10',
  unit: '2.5.4.11',
  name: '2.5.4.41',
  uniqueIdentifier: '2.5.4.45',
  email: '1.2.840.113549.1.9.1',
} as const;

function text(value: string): JsonAttributeObject[] {
  return [printable.test(value) ? { printableString: value } : { utf8String: value }];
}

/** `RFC / representative's RFC`, the same for the CURP; a person's has no second part. */
function paired(own: string, representative: string | undefined): string {
  return representative === undefined ? own : `${own} / ${representative}`;
}

/** Subject in the tax authority's order: CN, name, O, [C, e-mail], unique identifier (RFC), serial number (CURP), OU. */
export function subjectOf(holder: Holder): JsonNameParams {
  const { representative } = holder;
  const curp = representative === undefined ? holder.curp : ` / ${representative.curp}`;
  return [
    { [oid.commonName]: text(holder.nombre) },
    { [oid.name]: text(holder.nombre) },
    { [oid.organization]: text(holder.nombre) },
    ...(holder.email === undefined
      ? []
      : [{ [oid.country]: text('MX') }, { [oid.email]: [{ ia5String: holder.email }] }]),
    { [oid.uniqueIdentifier]: text(paired(holder.rfc, representative?.rfc)) },
    { [oid.serialNumber]: text(curp) },
    ...(holder.branch === undefined ? [] : [{ [oid.unit]: text(holder.branch) }]),
  ];
}

/** The sandbox's own authority; it never calls itself the tax authority. */
export const authorityName: JsonNameParams = [
  { [oid.commonName]: text('AC de pruebas') },
  { [oid.organization]: text('Sandbox PAC, sin validez fiscal') },
  { [oid.country]: text('MX') },
];
