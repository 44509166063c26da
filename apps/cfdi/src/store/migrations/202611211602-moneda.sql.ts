/** The currency as the XML has it: T and P are of none (XXX) unless the document says one. */
export const moneda = `
CREATE OR REPLACE VIEW cfdi.comprobante_status AS
SELECT c.id, c.external_id, c.issuer AS emisor, c.tipo, c.serie, c.folio, c.estado,
       CASE WHEN c.estado IN ('pendiente', 'sellado', 'enviando') THEN
         CASE WHEN e.paused_at IS NULL THEN c.motivo_espera ELSE 'Emisor en pausa: ' || e.paused_reason END
       END AS motivo_espera,
       c.uuid, (c.fecha_timbrado::timestamp AT TIME ZONE 'America/Mexico_City') AS fecha_timbrado,
       c.sub_total, c.descuento, c.total,
       COALESCE(c.document->>'moneda', CASE WHEN c.tipo IN ('T', 'P') THEN 'XXX' END) AS moneda, c.revision,
       (SELECT count(*)::integer FROM cfdi.intento i
         WHERE i.comprobante = c.id AND i.outcome IS DISTINCT FROM 'unsent') AS attempts,
       c.error, c.faults, c.job AS job_id, c.xml, c.xml_key, c.pdf_key, c.created_at, c.updated_at
  FROM cfdi.comprobante c
  LEFT JOIN cfdi.issuer e ON e.rfc = c.issuer;
`;
