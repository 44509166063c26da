/**
 * Why a comprobante waits, in the order in which it concerns a person: what somebody stopped comes before what heals by
 * itself. While nothing is claimed no handler can write it down, so it is read from the gates.
 */
export const waiting: readonly string[] = [
  `CREATE OR REPLACE VIEW agents.comprobante_status AS
   SELECT s.id, s.external_id, s.emisor, s.tipo, s.serie, s.folio,
          CASE WHEN w.motivo IS NULL THEN s.estado ELSE 'en_espera' END AS estado, w.motivo AS motivo_espera,
          s.uuid, s.fecha_timbrado, s.sub_total, s.descuento, s.total, s.moneda, s.revision, s.attempts, s.error,
          s.faults, s.job_id, s.xml, s.xml_key, s.pdf_key, s.created_at, s.updated_at
     FROM cfdi.comprobante_status s
    CROSS JOIN LATERAL (SELECT CASE
      WHEN s.estado NOT IN ('pendiente', 'sellado', 'enviando') THEN NULL
      WHEN (SELECT a.paused FROM agents.agent a WHERE a.name = 'cfdi') THEN 'El agente de timbrado está en pausa'
      WHEN (SELECT bool_and(p.about @> '{"enabled": false}') FROM agents.worker p
             WHERE p.agent = 'cfdi' AND p.lost_at IS NULL AND p.stopped_at IS NULL)
        THEN 'El agente de timbrado está apagado (AGENTS_ENABLED=false)'
      WHEN (SELECT k.state FROM agents.connectivity_state k) = 'offline' THEN 'Sin Internet'
      WHEN (SELECT k.ok FROM agents.clock_state k) IS FALSE THEN 'El reloj de este equipo está atrasado'
      ELSE s.motivo_espera END AS motivo) w`,
];
