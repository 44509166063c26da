/** What other rooms may read: no document, no key, no person's datum beyond the stamped XML itself. */
export const views = `
CREATE VIEW cfdi.comprobante_status AS
SELECT c.id, c.external_id, c.issuer AS emisor, c.tipo, c.serie, c.folio, c.estado,
       CASE WHEN c.estado IN ('pendiente', 'sellado', 'enviando') THEN
         CASE WHEN e.paused_at IS NULL THEN c.motivo_espera ELSE 'Emisor en pausa: ' || e.paused_reason END
       END AS motivo_espera,
       c.uuid, (c.fecha_timbrado::timestamp AT TIME ZONE 'America/Mexico_City') AS fecha_timbrado,
       c.sub_total, c.descuento, c.total, c.document->>'moneda' AS moneda, c.revision,
       (SELECT count(*)::integer FROM cfdi.intento i
         WHERE i.comprobante = c.id AND i.outcome IS DISTINCT FROM 'unsent') AS attempts,
       c.error, c.faults, c.job AS job_id, c.xml, c.xml_key, c.pdf_key, c.created_at, c.updated_at
  FROM cfdi.comprobante c
  LEFT JOIN cfdi.issuer e ON e.rfc = c.issuer;

CREATE VIEW cfdi.issuers AS
SELECT e.rfc, e.nombre, e.regimen_fiscal, e.zona_horaria, e.paused_at, e.paused_until, e.paused_code, e.paused_reason,
       (SELECT max(d.valid_to) FROM cfdi.csd d WHERE d.rfc = e.rfc) AS csd_valid_to
  FROM cfdi.issuer e;

CREATE VIEW cfdi.intentos AS
SELECT i.comprobante, i.number, i.revision, i.pac, i.sha256, i.started_at, i.ended_at, i.outcome, i.code, i.message
  FROM cfdi.intento i;
`;

/** The face of this room in the schema that clients and gateway know. */
export const face: readonly string[] = [
  // While the line is away or the clock is wrong nothing is claimed, so no handler can write down why a row waits: it is read
  // from the gates.
  `CREATE VIEW agents.comprobante_status AS
   SELECT s.id, s.external_id, s.emisor, s.tipo, s.serie, s.folio,
          CASE WHEN w.motivo IS NULL THEN s.estado ELSE 'en_espera' END AS estado, w.motivo AS motivo_espera,
          s.uuid, s.fecha_timbrado, s.sub_total, s.descuento, s.total, s.moneda, s.revision, s.attempts, s.error,
          s.faults, s.job_id, s.xml, s.xml_key, s.pdf_key, s.created_at, s.updated_at
     FROM cfdi.comprobante_status s
    CROSS JOIN LATERAL (SELECT CASE
      WHEN s.estado NOT IN ('pendiente', 'sellado', 'enviando') THEN NULL
      WHEN (SELECT k.state FROM agents.connectivity_state k) = 'offline' THEN 'Sin Internet'
      WHEN (SELECT k.ok FROM agents.clock_state k) IS FALSE THEN 'El reloj de este equipo está atrasado'
      ELSE s.motivo_espera END AS motivo) w`,
  'CREATE VIEW agents.issuers AS SELECT * FROM cfdi.issuers',
  'CREATE VIEW agents.comprobante_attempts AS SELECT * FROM cfdi.intentos',
  `CREATE FUNCTION agents.submit_comprobante(document jsonb, traceparent text DEFAULT NULL) RETURNS uuid
   LANGUAGE sql AS 'SELECT cfdi.submit_comprobante(document, traceparent)'`,
  `CREATE FUNCTION agents.retry_comprobante(id uuid) RETURNS uuid
   LANGUAGE sql AS 'SELECT cfdi.retry_comprobante(id)'`,
  `CREATE FUNCTION agents.mend_comprobante(id uuid, document jsonb) RETURNS uuid
   LANGUAGE sql AS 'SELECT cfdi.mend_comprobante(id, document)'`,
];
