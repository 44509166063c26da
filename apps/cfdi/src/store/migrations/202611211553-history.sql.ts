/** The audit trail tells every attempt: to stamp, and to cancel. */
export const history = `
CREATE OR REPLACE VIEW cfdi.historia AS
SELECT i.comprobante, i.started_at AS at, 'attempt' AS what, i.number, i.revision, i.pac, i.sha256,
       coalesce(i.outcome, 'unknown') AS outcome, i.code, i.message,
       (date_part('epoch', i.ended_at - i.started_at) * 1000)::integer AS duration_ms, i.ended_at, i.settled_at,
       i.settled_by, NULL::text AS fecha, false AS is_warning, NULL::jsonb AS detail
  FROM cfdi.intento i
UNION ALL
SELECT i.comprobante, i.started_at, 'cancellation-attempt', i.attempt, NULL, i.pac, i.sha256, coalesce(i.outcome, 'unknown'),
       i.code, i.message, (date_part('epoch', i.ended_at - i.started_at) * 1000)::integer, i.ended_at, NULL, NULL, NULL,
       false, jsonb_build_object('motivo', k.motivo, 'folioSustitucion', k.folio_sustitucion)
  FROM cfdi.intento_de_cancelacion i JOIN cfdi.cancelacion k USING (comprobante, number)
UNION ALL
SELECT a.comprobante, a.archived_at, 'seal-given-up', NULL, a.revision, a.pac, a.sha256, NULL, NULL, a.reason, NULL, NULL,
       NULL, NULL, a.fecha, false, NULL
  FROM cfdi.sello_archivado a
UNION ALL
SELECT s.comprobante, s.at, 'event', NULL, NULL, NULL, NULL, NULL, s.code, s.message, NULL, NULL, NULL, NULL, NULL,
       s.is_warning, s.detail
  FROM cfdi.suceso s;
`;
