/**
 * The steps of a comprobante's way as functions, so that each is one statement: one round trip for what would be seven.
 * Each is called in the statement that moves its job (job.intend, job.finish).
 */
export const steps = `
-- Seals (where a seal is given), notes the attempt before its request leaves, and pins the row to the PAC.
CREATE FUNCTION cfdi.try_stamp(comprobante uuid, sha256 text, pac text, revision integer DEFAULT NULL,
  sealed bytea DEFAULT NULL, sello text DEFAULT NULL, fecha text DEFAULT NULL, no_certificado text DEFAULT NULL,
  sub_total numeric DEFAULT NULL, descuento numeric DEFAULT NULL, total numeric DEFAULT NULL)
RETURNS TABLE (attempt integer, sealed_at timestamptz) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  at constant timestamptz := agents.now();
  c cfdi.comprobante;
BEGIN
  IF try_stamp.sealed IS NULL THEN
    UPDATE cfdi.comprobante x
       SET estado = CASE x.estado WHEN 'revision' THEN x.estado ELSE 'enviando' END, pac = try_stamp.pac,
           motivo_espera = NULL, updated_at = at
     WHERE x.id = try_stamp.comprobante RETURNING * INTO c;
  ELSE
    UPDATE cfdi.comprobante x
       SET estado = 'enviando', pac = try_stamp.pac, motivo_espera = NULL, updated_at = at,
           sealed = try_stamp.sealed, sha256 = try_stamp.sha256, sello = try_stamp.sello, fecha = try_stamp.fecha,
           no_certificado = try_stamp.no_certificado, sub_total = try_stamp.sub_total,
           descuento = try_stamp.descuento, total = try_stamp.total, fecha_previa = NULL, sealed_at = at
     WHERE x.id = try_stamp.comprobante AND x.revision = try_stamp.revision AND x.sha256 IS NULL RETURNING * INTO c;
  END IF;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'The comprobante % was changed while it was being sealed.', try_stamp.comprobante
      USING ERRCODE = 'NX031';
  END IF;
  RETURN QUERY
    INSERT INTO cfdi.intento (comprobante, number, revision, pac, sha256, started_at)
    VALUES (c.id, 1 + coalesce((SELECT max(i.number) FROM cfdi.intento i WHERE i.comprobante = c.id), 0), c.revision,
            try_stamp.pac, try_stamp.sha256, at)
    RETURNING number, c.sealed_at;
END $$;

-- Keeps the stamp and the XML, and enqueues what comes next. A UUID that another row has breaks the unique index.
CREATE FUNCTION cfdi.keep_stamp(comprobante uuid, attempt integer, uuid uuid, fecha_timbrado text, xml bytea,
  traceparent text) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  at constant timestamptz := agents.now();
BEGIN
  UPDATE cfdi.intento i SET outcome = 'stamped', ended_at = at
   WHERE i.comprobante = keep_stamp.comprobante AND i.number = keep_stamp.attempt;
  UPDATE cfdi.comprobante x
     SET estado = 'timbrado', uuid = keep_stamp.uuid, fecha_timbrado = keep_stamp.fecha_timbrado, xml = keep_stamp.xml,
         job = cfdi.enqueue_step(x.id, 'cfdi.store', 'default', keep_stamp.traceparent), error = NULL, faults = NULL,
         motivo_espera = NULL, updated_at = at
   WHERE x.id = keep_stamp.comprobante;
  PERFORM agents.emit('comprobante.timbrado',
    jsonb_build_object('comprobanteId', keep_stamp.comprobante, 'uuid', keep_stamp.uuid),
    traceparent => keep_stamp.traceparent);
END $$;

-- Object storage has the XML: Postgres lets go of its copy, and the PDF is next. What the row said of a job that died or
-- was cancelled is over, here and below.
CREATE FUNCTION cfdi.keep_xml(comprobante uuid, key text, traceparent text) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c cfdi.comprobante;
BEGIN
  UPDATE cfdi.comprobante x
     SET estado = 'almacenado', xml_key = keep_xml.key, xml = NULL, sealed = NULL, error = NULL, updated_at = agents.now(),
         job = cfdi.enqueue_step(x.id, 'cfdi.render', 'default', keep_xml.traceparent)
   WHERE x.id = keep_xml.comprobante AND x.estado = 'timbrado' RETURNING * INTO c;
  IF FOUND THEN
    PERFORM agents.emit('comprobante.almacenado',
      jsonb_build_object('comprobanteId', c.id, 'uuid', c.uuid, 'xmlKey', c.xml_key),
      traceparent => keep_xml.traceparent);
  END IF;
END $$;

-- XML and PDF are there.
CREATE FUNCTION cfdi.keep_pdf(comprobante uuid, key text, traceparent text) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  c cfdi.comprobante;
BEGIN
  UPDATE cfdi.comprobante x
     SET estado = CASE x.estado WHEN 'almacenado' THEN 'listo' ELSE x.estado END,
         error = CASE x.estado WHEN 'almacenado' THEN NULL ELSE x.error END, pdf_key = keep_pdf.key,
         updated_at = agents.now()
   WHERE x.id = keep_pdf.comprobante RETURNING * INTO c;
  -- Drawn anew with the mark of a cancelled one: whoever was told that it is there need not be told again.
  IF c.estado <> 'cancelado' THEN
    PERFORM agents.emit('comprobante.listo',
      jsonb_build_object('comprobanteId', c.id, 'uuid', c.uuid, 'xmlKey', c.xml_key, 'pdfKey', c.pdf_key),
      traceparent => keep_pdf.traceparent);
  END IF;
END $$;
`;
