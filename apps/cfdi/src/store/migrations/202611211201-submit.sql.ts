const DEFINER = 'SECURITY DEFINER SET search_path = cfdi, pg_temp';

/** Handing over, mending and retrying. */
export const submit = `
-- A UUID of version 7, so that ids sort by time.
CREATE FUNCTION cfdi.new_id(at timestamptz) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  millis constant bigint := (date_part('epoch', at) * 1000)::bigint;
BEGIN
  RETURN encode(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(millis) FROM 3) || '\\x70' FROM 1 FOR 7),
                'hex')::uuid;
END $$;

-- JSON Schema of the document, written anew by every migration run from libs/comprobante, so that both judge alike.
CREATE TABLE cfdi.document_shape (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), shape jsonb NOT NULL);

CREATE FUNCTION cfdi.fault(code text, field text, message text, remedy text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('code', code, 'field', field, 'message', message, 'remedy', remedy)
$$;

-- The first break of shape, in the words of libs/comprobante; NULL when there is none.
CREATE FUNCTION cfdi.shape_fault(value jsonb, shape jsonb, path text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  wanted constant text := shape->>'type';
  properties constant jsonb := shape->'properties';
  key text;
  item jsonb;
  place bigint;
  found jsonb;
BEGIN
  IF wanted IS NULL THEN
    RETURN NULL;
  END IF;
  IF jsonb_typeof(value) <> wanted THEN
    RETURN cfdi.fault('cfdi.wrong-type', path,
      CASE WHEN path = '' THEN 'El documento' ELSE 'El campo ' || path END || ' debe ser ' ||
      CASE wanted WHEN 'string' THEN 'texto entre comillas' WHEN 'array' THEN 'una lista' ELSE 'un objeto' END || '.',
      'Cambie el tipo del valor en el JSON.');
  END IF;
  IF wanted = 'object' THEN
    FOR key IN SELECT jsonb_array_elements_text(coalesce(shape->'required', '[]')) LOOP
      IF NOT value ? key THEN
        key := concat_ws('.', nullif(path, ''), key);
        RETURN cfdi.fault('cfdi.missing-field', key, 'Falta el campo ' || key || '.', 'Agréguelo al documento.');
      END IF;
    END LOOP;
    FOR key, item IN SELECT * FROM jsonb_each(value) LOOP
      IF NOT properties ? key THEN
        key := concat_ws('.', nullif(path, ''), key);
        RETURN cfdi.fault('cfdi.unknown-field', key, 'El campo ' || key || ' no existe.', 'Quítelo o corrija su nombre.');
      END IF;
      found := cfdi.shape_fault(item, properties->key, concat_ws('.', nullif(path, ''), key));
      EXIT WHEN found IS NOT NULL;
    END LOOP;
  ELSIF wanted = 'array' THEN
    FOR item, place IN SELECT e.value, e.ordinality - 1 FROM jsonb_array_elements(value) WITH ORDINALITY e LOOP
      found := cfdi.shape_fault(item, shape->'items', path || '[' || place || ']');
      EXIT WHEN found IS NOT NULL;
    END LOOP;
  END IF;
  RETURN found;
END $$;

CREATE FUNCTION cfdi.refuse(state text, fault jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', fault->>'message'
    USING ERRCODE = state, DETAIL = fault::text, HINT = fault->>'remedy';
END $$;

-- As the XML will carry it: white space trimmed and collapsed; NULL when it is absent, empty or too long to be one.
CREATE FUNCTION cfdi.label(value text, most integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN length(v.text) BETWEEN 1 AND most THEN v.text END
    FROM (SELECT btrim(regexp_replace(value, E'[\\t\\n\\r ]+', ' ', 'g'), ' ') AS text) v
$$;

CREATE FUNCTION cfdi.demand_shape(document jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  fault jsonb;
BEGIN
  IF document IS NULL THEN
    document := 'null';
  END IF;
  IF octet_length(document::text) > 4194304 THEN
    PERFORM cfdi.refuse('NX413', cfdi.fault('cfdi.too-large', '', 'El documento pasa de 4 MB.',
      'Divida la venta en varios comprobantes.'));
  END IF;
  SELECT cfdi.shape_fault(document, s.shape, '') INTO fault FROM cfdi.document_shape s;
  IF fault IS NOT NULL THEN
    PERFORM cfdi.refuse('NX400', fault);
  END IF;
  IF cfdi.label(document->>'externalId', 100) IS DISTINCT FROM document->>'externalId' THEN
    PERFORM cfdi.refuse('NX422', cfdi.fault('cfdi.length', 'externalId',
      'externalId está vacío, pasa de 100 caracteres o lleva espacios de más.', 'Escriba de 1 a 100 caracteres.'));
  END IF;
  IF length(document->>'emisor') > 13 OR length(document->>'tipo') > 1 THEN
    PERFORM cfdi.refuse('NX422', cfdi.fault('cfdi.pattern',
      CASE WHEN length(document->>'emisor') > 13 THEN 'emisor' ELSE 'tipo' END,
      'emisor o tipo no tiene la forma que pide el SAT.', 'Escriba el RFC del emisor y un tipo de una letra.'));
  END IF;
END $$;

-- The id under which the same content was handed over before; otherwise the reason why it cannot be taken.
CREATE FUNCTION cfdi.existing_or_refusal(document jsonb) RETURNS uuid LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  existing cfdi.comprobante;
BEGIN
  SELECT * INTO existing FROM cfdi.comprobante c
   WHERE c.issuer = existing_or_refusal.document->>'emisor'
     AND c.external_id = existing_or_refusal.document->>'externalId';
  IF NOT FOUND THEN
    PERFORM cfdi.refuse('NX409', cfdi.fault('cfdi.folio-conflict', 'folio',
      'Ya existe un comprobante con esa serie y folio.', 'Use el folio siguiente.'));
  ELSIF existing.document IS DISTINCT FROM existing_or_refusal.document THEN
    PERFORM cfdi.refuse('NX409', cfdi.fault('cfdi.external-id-conflict', 'externalId',
      'Ya existe un comprobante con ese externalId y otro contenido.',
      'Use otro externalId, o corrija el comprobante que ya existe.'));
  END IF;
  RETURN existing.id;
END $$;

-- Hands a comprobante over inside the caller's transaction: it exists, with its job, exactly if that commits.
CREATE FUNCTION cfdi.submit_comprobante(document jsonb, traceparent text) RETURNS uuid LANGUAGE plpgsql ${DEFINER} AS $$
#variable_conflict use_column
DECLARE
  at constant timestamptz := agents.now();
  fresh constant uuid := cfdi.new_id(at);
  is_new boolean;
BEGIN
  PERFORM cfdi.demand_shape(submit_comprobante.document);
  BEGIN
    INSERT INTO cfdi.comprobante (id, issuer, external_id, tipo, serie, folio, document, created_at, updated_at)
    VALUES (fresh, submit_comprobante.document->>'emisor', submit_comprobante.document->>'externalId',
            submit_comprobante.document->>'tipo', cfdi.label(submit_comprobante.document->>'serie', 25),
            cfdi.label(submit_comprobante.document->>'folio', 40), submit_comprobante.document, at, at)
    ON CONFLICT (issuer, external_id) DO NOTHING;
    is_new := FOUND;
  EXCEPTION WHEN unique_violation THEN
    is_new := false;
  END;
  IF NOT is_new THEN
    RETURN cfdi.existing_or_refusal(submit_comprobante.document);
  END IF;
  UPDATE cfdi.comprobante SET job = cfdi.enqueue_step(fresh, 'cfdi.stamp', 'default', traceparent) WHERE id = fresh;
  RETURN fresh;
END $$;

CREATE FUNCTION cfdi.enqueue_step(comprobante uuid, kind text, priority text, traceparent text) RETURNS uuid
LANGUAGE sql AS $$
  SELECT agents.enqueue(kind, jsonb_build_object('comprobanteId', c.id), NULL, priority, agents.now(), NULL, NULL,
                        c.issuer, traceparent)
    FROM cfdi.comprobante c WHERE c.id = enqueue_step.comprobante
$$;

-- What carries a comprobante on from a state.
CREATE FUNCTION cfdi.step_of(estado text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE estado WHEN 'timbrado' THEN 'cfdi.store' WHEN 'almacenado' THEN 'cfdi.render' ELSE 'cfdi.stamp' END
$$;

CREATE FUNCTION cfdi.unseal(comprobante uuid, reason text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO cfdi.sello_archivado (comprobante, revision, document, sealed, sha256, archived_at, reason)
  SELECT c.id, c.revision, c.document, c.sealed, c.sha256, agents.now(), unseal.reason
    FROM cfdi.comprobante c WHERE c.id = unseal.comprobante AND c.sha256 IS NOT NULL;
  UPDATE cfdi.comprobante c
     SET sealed = NULL, sha256 = NULL, sello = NULL, fecha = NULL, no_certificado = NULL, sealed_at = NULL, pac = NULL
   WHERE c.id = unseal.comprobante;
END $$;

-- Brings a comprobante's job back, or makes the next one. Job before row, as the agent locks them; what was read before
-- the locks is read again behind them. Answers the job.
CREATE FUNCTION cfdi.carry_on(seen cfdi.comprobante) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  state constant text := CASE WHEN seen.job IS NULL THEN 'unknown' ELSE agents.retry_job(seen.job) END;
  c cfdi.comprobante;
BEGIN
  SELECT * INTO c FROM cfdi.comprobante x WHERE x.id = seen.id FOR UPDATE;
  IF (c.estado = 'rechazado', c.revision) IS DISTINCT FROM (seen.estado = 'rechazado', seen.revision) THEN
    PERFORM cfdi.refuse('NX409', cfdi.fault('agents.job-running', 'id', 'El comprobante está avanzando en este momento.',
      'Consulte su estado y vuelva a intentarlo si hace falta.'));
  END IF;
  IF c.job IS DISTINCT FROM seen.job OR state IN ('pending', 'running') THEN
    RETURN c.job;
  END IF;
  c.job := cfdi.enqueue_step(c.id, cfdi.step_of(c.estado), 'high', NULL);
  UPDATE cfdi.comprobante x SET job = c.job, updated_at = agents.now() WHERE x.id = c.id;
  RETURN c.job;
END $$;

CREATE FUNCTION cfdi.seen(id uuid) RETURNS cfdi.comprobante LANGUAGE plpgsql AS $$
DECLARE
  c cfdi.comprobante;
BEGIN
  SELECT * INTO c FROM cfdi.comprobante x WHERE x.id = seen.id;
  IF NOT FOUND THEN
    PERFORM cfdi.refuse('NX404', cfdi.fault('cfdi.not-found', 'id', 'No existe ese comprobante.', 'Revise el id.'));
  END IF;
  RETURN c;
END $$;

-- A person asks for another try. A refused one is sealed anew; one in review asks the PAC with the same bytes only.
CREATE FUNCTION cfdi.retry_comprobante(id uuid) RETURNS uuid LANGUAGE plpgsql ${DEFINER} AS $$
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
  END IF;
  IF EXISTS (SELECT FROM cfdi.issuer i WHERE i.rfc = c.issuer AND i.paused_at IS NOT NULL) THEN
    -- The person's retry is the probe of the paused issuer; the next refusal pauses it again.
    PERFORM agents.unhold('cfdi.stamp', NULL, c.issuer);
  END IF;
  RETURN job;
END $$;

-- Mends a refused one: same id, next revision, sealed anew.
CREATE FUNCTION cfdi.mend_comprobante(id uuid, document jsonb) RETURNS uuid LANGUAGE plpgsql ${DEFINER} AS $$
#variable_conflict use_column
DECLARE
  c constant cfdi.comprobante := cfdi.seen(mend_comprobante.id);
  job uuid;
BEGIN
  PERFORM cfdi.demand_shape(mend_comprobante.document);
  IF c.estado <> 'rechazado' THEN
    PERFORM cfdi.refuse('NX409', cfdi.fault('cfdi.not-mendable', 'id',
      'Solo se puede corregir un comprobante rechazado.', 'Si ya está timbrado, cancélelo y emita otro.'));
  END IF;
  IF (mend_comprobante.document->>'emisor', mend_comprobante.document->>'externalId')
     IS DISTINCT FROM (c.issuer, c.external_id) THEN
    PERFORM cfdi.refuse('NX422', cfdi.fault('cfdi.forbidden', 'externalId',
      'Al corregir no se cambian emisor ni externalId.', 'Deje los que tenía, o entregue un comprobante nuevo.'));
  END IF;
  job := cfdi.carry_on(c);
  PERFORM cfdi.unseal(c.id, 'mended');
  BEGIN
    UPDATE cfdi.comprobante x
       SET document = mend_comprobante.document, tipo = mend_comprobante.document->>'tipo', revision = x.revision + 1,
           serie = cfdi.label(mend_comprobante.document->>'serie', 25),
           folio = cfdi.label(mend_comprobante.document->>'folio', 40),
           estado = 'pendiente', error = NULL, faults = NULL, sub_total = NULL, descuento = NULL, total = NULL
     WHERE x.id = c.id;
  EXCEPTION WHEN unique_violation THEN
    PERFORM cfdi.refuse('NX409', cfdi.fault('cfdi.folio-conflict', 'folio',
      'Ya existe un comprobante con esa serie y folio.', 'Use el folio siguiente.'));
  END;
  RETURN job;
END $$;
`;
