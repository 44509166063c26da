const FECHA_HORA = /^20[1-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$/;

/**
 * Whether the text is a date with time as Anexo 20 writes it (t_FechaH, `2026-11-21T09:30:00`, no zone), of a day that
 * the calendar has: `Date.parse` makes 2 March of 30 February.
 */
export function isFechaHora(text: string): boolean {
  return FECHA_HORA.test(text) && new Date(`${text}Z`).toISOString().startsWith(text);
}
