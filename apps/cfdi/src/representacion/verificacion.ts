/** What the verification address is made of. */
export interface Verificable {
  readonly uuid: string;
  readonly emisor: string;
  readonly receptor: string;
  readonly total: string;
  readonly sello: string;
}

const SERVICE = 'https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx';

/**
 * The tax authority's verification address of a comprobante (Anexo 20, I.E): folio fiscal, both RFCs with `&` written
 * as `&amp;`, the total without zeros that say nothing but with at least one decimal, the last eight of the seal.
 */
export function direccionDeVerificacion({ uuid, emisor, receptor, total, sello }: Verificable): string {
  const parts = [
    `id=${uuid}`,
    `re=${rfc(emisor)}`,
    `rr=${rfc(receptor)}`,
    `tt=${totalWithoutZeros(total)}`,
    `fe=${sello.slice(-8)}`,
  ];
  return `${SERVICE}?${parts.join('&')}`;
}

function rfc(text: string): string {
  return text.replaceAll('&', '&amp;');
}

function totalWithoutZeros(total: string): string {
  const [whole = '', decimals = ''] = total.split('.');
  const kept = decimals.replace(/0+$/, '');
  return `${whole.replace(/^0+(?=\d)/, '')}.${kept === '' ? '0' : kept}`;
}
