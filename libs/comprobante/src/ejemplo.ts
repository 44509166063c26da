import type { Documento } from './documento.ts';

/** A correct comprobante de ingreso, as a business would hand it over; for descriptions, demonstrations and tests. */
export function ejemploDeIngreso(changes: Partial<Documento> = {}): Documento {
  return {
    externalId: 'venta-1042',
    emisor: 'EKU9003173C9',
    tipo: 'I',
    serie: 'A',
    folio: '1042',
    lugarExpedicion: '42501',
    zonaHoraria: 'America/Mexico_City',
    formaPago: '03',
    metodoPago: 'PUE',
    moneda: 'MXN',
    exportacion: '01',
    condicionesDePago: 'Contado',
    receptor: {
      rfc: 'CACX7605101P8',
      nombre: 'XOCHILT CASAS CHAVEZ',
      domicilioFiscal: '36257',
      regimenFiscal: '612',
      usoCfdi: 'G03',
      email: 'cliente@example.mx',
      telefono: '5512345678',
    },
    conceptos: [
      {
        claveProdServ: '01010101',
        noIdentificacion: 'SKU-1',
        cantidad: '3',
        claveUnidad: 'H87',
        unidad: 'Pieza',
        descripcion: 'Café de olla',
        valorUnitario: '33.33',
        descuento: '0',
        objetoImp: '02',
        impuestos: {
          traslados: [{ impuesto: '002', tipoFactor: 'Tasa', tasaOCuota: '0.160000' }],
          retenciones: [],
        },
      },
    ],
    ...changes,
  };
}
