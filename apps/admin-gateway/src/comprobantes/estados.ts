/** States of a comprobante as callers see them (`spec` of the CFDI agent, States). */
export const ESTADOS = [
  'pendiente',
  'sellado',
  'enviando',
  'timbrado',
  'almacenado',
  'listo',
  'en_espera',
  'rechazado',
  'revision',
  'cancelacion_pedida',
  'cancelado',
] as const;

/** A word of {@link ESTADOS}. */
export type Estado = (typeof ESTADOS)[number];
