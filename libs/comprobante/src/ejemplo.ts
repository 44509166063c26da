import type { Concepto, Documento } from './documento.ts';
import { PUBLICO_EN_GENERAL, RFC_PUBLICO_EN_GENERAL } from './rfc.ts';

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

/** A correct comprobante de egreso: a part of the sale above is given back. */
export function ejemploDeEgreso(changes: Partial<Documento> = {}): Documento {
  const { receptor } = ejemploDeIngreso();
  return {
    ...ejemploDeIngreso(),
    externalId: 'devolucion-12',
    tipo: 'E',
    serie: 'NC',
    folio: '12',
    condicionesDePago: undefined,
    receptor: { ...receptor, usoCfdi: 'G02' },
    relacionados: [{ tipoRelacion: '01', uuids: ['5fb2822e-396d-4725-8521-cdc4bdd20ccf'] }],
    conceptos: [
      {
        claveProdServ: '84111506',
        cantidad: '1',
        claveUnidad: 'ACT',
        descripcion: 'Descuento por pronto pago',
        valorUnitario: '33.33',
        objetoImp: '02',
        impuestos: { traslados: [{ impuesto: '002', tipoFactor: 'Tasa', tasaOCuota: '0.160000' }] },
      },
    ],
    ...changes,
  };
}

/** A correct comprobante de traslado: goods on their way to a branch of the issuer's own. */
export function ejemploDeTraslado(changes: Partial<Documento> = {}): Documento {
  const { emisor, lugarExpedicion, zonaHoraria, exportacion } = ejemploDeIngreso();
  return {
    externalId: 'traslado-7',
    emisor,
    tipo: 'T',
    serie: 'T',
    folio: '7',
    lugarExpedicion,
    zonaHoraria,
    exportacion,
    receptor: {
      rfc: emisor,
      nombre: 'ESCUELA KEMPER URGATE',
      domicilioFiscal: '42501',
      regimenFiscal: '601',
      usoCfdi: 'S01',
    },
    conceptos: [
      {
        claveProdServ: '50201706',
        noIdentificacion: 'SKU-1',
        cantidad: '24',
        claveUnidad: 'H87',
        unidad: 'Pieza',
        descripcion: 'Café de olla',
        valorUnitario: '0',
        objetoImp: '01',
      },
    ],
    ...changes,
  };
}

/** A correct global invoice: the tickets of one day, sold to the general public. */
export function ejemploGlobal(changes: Partial<Documento> = {}): Documento {
  const ticket = (folio: string, valorUnitario: string, tasaOCuota: string): Concepto => ({
    claveProdServ: '01010101',
    noIdentificacion: folio,
    cantidad: '1',
    claveUnidad: 'ACT',
    descripcion: 'Venta',
    valorUnitario,
    objetoImp: '02',
    impuestos: { traslados: [{ impuesto: '002', tipoFactor: 'Tasa', tasaOCuota }] },
  });
  return {
    ...ejemploDeIngreso(),
    externalId: 'global-2026-11-21',
    folio: '1043',
    formaPago: '01',
    condicionesDePago: undefined,
    receptor: {
      rfc: RFC_PUBLICO_EN_GENERAL,
      nombre: PUBLICO_EN_GENERAL,
      domicilioFiscal: '42501',
      regimenFiscal: '616',
      usoCfdi: 'S01',
    },
    informacionGlobal: { periodicidad: '01', meses: '11', anio: '2026' },
    conceptos: [ticket('T-1001', '86.21', '0.160000'), ticket('T-1002', '45.00', '0.000000')],
    ...changes,
  };
}
