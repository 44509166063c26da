/**
 * Reasons for a cancellation (catalogue of the tax authority): 01 issued with errors, and another comprobante takes its
 * place; 02 issued with errors, and none does; 03 the operation did not happen; 04 an operation of a global invoice got an
 * invoice of its own.
 */
export type Motivo = '01' | '02' | '03' | '04';
