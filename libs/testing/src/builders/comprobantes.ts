import { ejemploDeIngreso, type Documento } from '@nexora/comprobante';

/**
 * `count` comprobantes that differ in externalId, folio and amount, as a business hands them over. `series` keeps the
 * documents of one test apart from those of another in the same database (at most 25 characters, as in the CFDI).
 */
export function comprobantesDePrueba(count: number, series = 'T', changes: Partial<Documento> = {}): Documento[] {
  return Array.from({ length: count }, (_, index) => {
    const folio = String(index + 1);
    const conceptos = ejemploDeIngreso().conceptos?.map((concepto) => ({ ...concepto, cantidad: folio }));
    return ejemploDeIngreso({ externalId: `venta-${series}-${folio}`, serie: series, folio, conceptos, ...changes });
  });
}
