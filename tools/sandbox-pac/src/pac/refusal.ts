import { paymentRefusals } from './payment-refusals.ts';

/**
 * Codes with which the sandbox refuses, and the sentence of each. Meanings follow the tax authority's matrix of errors
 * and what PACs answer; the sentences are ours. A code beyond this list can still be asked for (misbehaviour `code:`).
 */
export const refusals = {
  '300': 'El usuario o la contraseña son inválidos.',
  '301': 'XML mal formado o fuera de la estructura del Anexo 20.',
  '302': 'Sello mal formado o inválido.',
  '303': 'El certificado no corresponde al RFC del emisor.',
  '304': 'Certificado revocado o caduco.',
  '305': 'La fecha de emisión no está dentro de la vigencia del CSD del emisor.',
  '306': 'El certificado no es de tipo CSD.',
  '307': 'El comprobante contiene un timbre previo.',
  '308': 'Certificado no expedido por el SAT.',
  '401': 'El rango de la fecha de generación no debe ser mayor a 72 horas para la emisión del timbre.',
  '402': 'El RFC del emisor no se encuentra en la lista de contribuyentes obligados (LCO).',
  '603': 'El CFDI no contiene un timbre previo.',
  '701': 'El cliente o RFC emisor está suspendido.',
  '702': 'El RFC emisor no está registrado en la cuenta.',
  '703': 'La cuenta está suspendida.',
  '705': 'La estructura del XML es inválida.',
  '707': 'El XML ya contiene un nodo TimbreFiscalDigital.',
  '708': 'No se pudo conectar al SAT.',
  '712': 'NoCertificado no corresponde al certificado.',
  '718': 'Los timbres se agotaron.',
  '740': 'Falta firmar el manifiesto.',
  AU2000: 'El usuario y/o contraseña son inválidos, no se puede autenticar el servicio.',
  AU2001: 'La cuenta no tiene timbres disponibles.',
  AU2002: 'La cuenta está inactiva.',
  AU2003: 'Falta firmar el manifiesto.',
  AU2004: 'El RFC del emisor no pertenece a la cuenta.',
  CO1000: 'Error no clasificado en el servicio.',
  CFDI3307: 'Timbre duplicado. El customId proporcionado está duplicado.',
  CFDI40101: 'La fecha del comprobante es posterior a la permitida.',
  CFDI40102: 'El resultado de la digestión debe ser igual al resultado de la desencriptación del sello.',
  CFDI40103: 'El tipo de comprobante no admite FormaPago.',
  CFDI40106: 'El certificado no se puede leer o su número no es el de NoCertificado.',
  CFDI40107: 'SubTotal tiene más decimales que los que admite la moneda.',
  CFDI40108: 'SubTotal no es el redondeo de la suma de los importes de los conceptos.',
  CFDI40109: 'En un comprobante de tipo T o P el SubTotal debe ser 0.',
  CFDI40110: 'Descuento no corresponde a los conceptos o es mayor que SubTotal.',
  CFDI40111: 'El tipo de comprobante no admite descuentos en los conceptos.',
  CFDI40112: 'Descuento tiene más decimales que los que admite la moneda.',
  CFDI40114: 'Con moneda MXN el tipo de cambio sólo puede ser 1.',
  CFDI40115: 'Falta el tipo de cambio de una moneda distinta de MXN y XXX.',
  CFDI40116: 'Con moneda XXX no debe registrarse tipo de cambio.',
  CFDI40119: 'Total no corresponde a SubTotal menos descuentos más impuestos trasladados menos retenidos.',
  CFDI40122: 'La exportación 02 exige el complemento de comercio exterior.',
  CFDI40125: 'El tipo de comprobante no admite MetodoPago.',
  CFDI40130: 'La información global y una factura de ingreso a PUBLICO EN GENERAL (XAXX010101000) deben venir juntas.',
  CFDI40132: 'El régimen fiscal del emisor no es 621, y sólo él factura por bimestre.',
  CFDI40134: 'Los meses de la información global no son de 01 a 12.',
  CFDI40135: 'Los meses de la información global no son de 13 a 18.',
  CFDI40136: 'El año de la información global no es el año en curso ni el anterior.',
  CFDI40143: 'El RFC del receptor no existe en la lista de RFC inscritos no cancelados del SAT.',
  CFDI40145: 'El nombre del receptor no es el asociado a su RFC.',
  CFDI40149: 'Con RFC genérico el domicilio fiscal del receptor debe ser LugarExpedicion.',
  CFDI40150: 'La residencia fiscal y el registro tributario son sólo de un receptor extranjero.',
  CFDI40159: 'El régimen fiscal del receptor no corresponde a su RFC.',
  CFDI40161: 'El uso del CFDI no corresponde al receptor o al tipo de comprobante.',
  CFDI40166: 'En un comprobante de tipo I o E el valor unitario debe ser mayor que cero.',
  CFDI40167: 'El importe del concepto está fuera de los límites de cantidad por valor unitario.',
  CFDI40168: 'El descuento del concepto tiene más decimales que su importe.',
  CFDI40169: 'El descuento del concepto es mayor que su importe.',
  CFDI40171: 'El objeto de impuesto 02 exige el nodo Impuestos en el concepto.',
  CFDI40172: 'El objeto de impuesto 01, 03 o 05 no admite el nodo Impuestos en el concepto.',
  CFDI40174: 'La base de un impuesto del concepto no es mayor que cero o no corresponde a su factor.',
  CFDI40181: 'El importe de un impuesto del concepto está fuera de los límites de base por tasa o cuota.',
  CFDI40201: 'En un comprobante de tipo T o P no debe existir el nodo Impuestos.',
  CFDI40204: 'TotalImpuestosRetenidos no es la suma de las retenciones.',
  CFDI40205: 'TotalImpuestosTrasladados no es la suma de los traslados.',
  CFDI40215: 'Una retención del resumen no es la suma de las retenciones de los conceptos.',
  CFDI40221: 'Un traslado del resumen no es la suma de los traslados de los conceptos.',
  ...paymentRefusals,
} as const;

/** A code of the table. */
export type RefusalCode = keyof typeof refusals;

/** The sentence of a code, or a general one for a code that the table does not know. */
export function sentenceOf(code: string): string {
  return Object.entries(refusals).find(([known]) => known === code)?.[1] ?? 'Rechazado por el PAC de pruebas.';
}

/** A definite no: nothing was stamped. `detail` says what exactly, for the field that PACs call messageDetail. */
export class Refusal extends Error {
  readonly code: string;
  readonly detail: string;

  constructor(code: string, detail = '', options?: ErrorOptions) {
    super(`${code} - ${sentenceOf(code)}`, options);
    this.name = 'Refusal';
    this.code = code;
    this.detail = detail;
  }
}

/** Refuses with this code unless it holds. */
export function must(holds: boolean, code: RefusalCode, detail: string): void {
  if (!holds) throw new Refusal(code, detail);
}
