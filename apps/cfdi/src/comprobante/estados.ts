/** States of a comprobante, as its row stores them. `en_espera` is shown in place of the first three while it waits. */
export type Estado =
  | 'pendiente'
  | 'sellado'
  | 'enviando'
  | 'timbrado'
  | 'almacenado'
  | 'listo'
  | 'rechazado'
  | 'revision'
  | 'cancelacion_pedida'
  | 'cancelado';

/** What a person is told about a comprobante that does not go on. */
export interface ErrorDelComprobante {
  readonly code: string;
  readonly field: string | null;
  readonly message: string;
  readonly remedy: string | null;
}
