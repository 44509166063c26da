const DEFINER = 'SECURITY DEFINER SET search_path = cfdi, pg_temp';

/** What a row said of a job that died or was cancelled is over once a person asks again, or the step is done after all. */
export const stopped = `
CREATE OR REPLACE FUNCTION cfdi.keep_xml(comprobante uuid, key text, traceparent text) RETURNS void LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION cfdi.keep_pdf(comprobante uuid, key text, traceparent text) RETURNS void LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION cfdi.retry_comprobante(id uuid) RETURNS uuid LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  c constant cfdi.comprobante := cfdi.seen(id);
  job uuid;
BEGIN
  IF c.estado IN ('listo', 'cancelado', 'cancelacion_pedida') THEN
    PERFORM cfdi.refuse('NX409', cfdi.fault('agents.job-finished', 'id',
      'El comprobante ya está ' || CASE c.estado WHEN 'listo' THEN 'listo' ELSE 'cancelado o por cancelarse' END || '.',
      'No hay nada que reintentar.'));
  END IF;
  job := cfdi.carry_on(c);
  IF c.estado = 'rechazado' THEN
    PERFORM cfdi.unseal(c.id, 'retry asked by a person');
    UPDATE cfdi.comprobante x SET estado = 'pendiente', error = NULL, faults = NULL WHERE x.id = c.id;
  ELSIF c.estado IN ('timbrado', 'almacenado') THEN
    UPDATE cfdi.comprobante x SET error = NULL WHERE x.id = c.id AND x.estado = c.estado;
  END IF;
  -- The person's retry is the probe of the paused issuer; the next refusal pauses it again.
  UPDATE cfdi.issuer i SET probed_at = NULL
   WHERE i.rfc = c.issuer AND i.paused_at IS NOT NULL AND i.paused_code IS DISTINCT FROM 'person';
  IF FOUND THEN
    PERFORM agents.unhold('cfdi.stamp', NULL, c.issuer);
  END IF;
  RETURN job;
END $$;
`;
