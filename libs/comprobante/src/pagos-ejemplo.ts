import type { Documento } from './documento.ts';
import { ejemploDeIngreso } from './ejemplo.ts';
import type { DoctoRelacionado, Pago } from './pagos.schema.ts';

/** A document that is paid in full: 100 pesos and 16 % IVA. */
export function ejemploDeDocto(changes: Partial<DoctoRelacionado> = {}): DoctoRelacionado {
  return {
    idDocumento: '5fb2822e-396d-4725-8521-cdc4bdd20ccf',
    serie: 'A',
    folio: '1042',
    monedaDR: 'MXN',
    numParcialidad: '1',
    impSaldoAnt: '116.00',
    impPagado: '116.00',
    objetoImpDR: '02',
    impuestosDR: {
      trasladosDR: [{ baseDR: '100.00', impuestoDR: '002', tipoFactorDR: 'Tasa', tasaOCuotaDR: '0.160000' }],
    },
    ...changes,
  };
}

/** A payment by transfer that pays one document in full. */
export function ejemploDePago(changes: Partial<Pago> = {}): Pago {
  return {
    fechaPago: '2026-11-20T12:00:00',
    formaDePagoP: '03',
    monedaP: 'MXN',
    monto: '116.00',
    numOperacion: '0042',
    doctosRelacionados: [ejemploDeDocto()],
    ...changes,
  };
}

/** A correct comprobante de pago, as a business would hand it over; for descriptions, demonstrations and tests. */
export function ejemploDePagos(...pagos: readonly Pago[]): Documento {
  const { emisor, lugarExpedicion, zonaHoraria, exportacion, receptor } = ejemploDeIngreso();
  return {
    externalId: 'pago-77',
    emisor,
    tipo: 'P',
    serie: 'P',
    folio: '77',
    lugarExpedicion,
    zonaHoraria,
    exportacion,
    receptor: { ...receptor, usoCfdi: 'CP01' },
    pagos: pagos.length === 0 ? [ejemploDePago()] : [...pagos],
  };
}
