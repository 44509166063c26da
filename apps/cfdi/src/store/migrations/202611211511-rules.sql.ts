const DEFINER = 'SECURITY DEFINER SET search_path = cfdi, pg_temp';

/** Doubts that were settled, seals that were given up, what happened to a comprobante, and issuers that a person stopped. */
export const rules = `
-- An unknown outcome stays on record as what it was; what told later that nothing was stamped stands beside it.
ALTER TABLE cfdi.intento ADD settled_at timestamptz, ADD settled_by text;
COMMENT ON COLUMN cfdi.intento.settled_by IS 'What said for certain that this attempt of unknown outcome had given no stamp.';

CREATE OR REPLACE FUNCTION cfdi.is_doubtful(comprobante uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM cfdi.intento i
                  WHERE i.comprobante = is_doubtful.comprobante AND coalesce(i.outcome, 'unknown') = 'unknown'
                    AND i.settled_at IS NULL)
$$;

ALTER TABLE cfdi.sello_archivado ADD fecha text, ADD no_certificado text, ADD sealed_at timestamptz, ADD pac text;
-- Fecha of the seal that was given up last, until there is a new one: then the owner is told if the month is another.
ALTER TABLE cfdi.comprobante ADD fecha_previa text;

-- What happened to a comprobante beside its attempts. message: Spanish, for the owner.
CREATE TABLE cfdi.suceso (
  comprobante uuid NOT NULL REFERENCES cfdi.comprobante,
  at          timestamptz NOT NULL DEFAULT agents.now(),
  code        text NOT NULL,
  is_warning  boolean NOT NULL DEFAULT false,
  message     text NOT NULL,
  detail      jsonb
);
CREATE INDEX suceso_of ON cfdi.suceso (comprobante, at);

CREATE OR REPLACE FUNCTION cfdi.unseal(comprobante uuid, reason text) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO cfdi.sello_archivado (comprobante, revision, document, sealed, sha256, archived_at, reason, fecha,
                                    no_certificado, sealed_at, pac)
  SELECT c.id, c.revision, c.document, c.sealed, c.sha256, agents.now(), unseal.reason, c.fecha, c.no_certificado,
         c.sealed_at, c.pac
    FROM cfdi.comprobante c WHERE c.id = unseal.comprobante AND c.sha256 IS NOT NULL;
  UPDATE cfdi.comprobante c
     SET sealed = NULL, sha256 = NULL, sello = NULL, fecha = NULL, no_certificado = NULL, sealed_at = NULL, pac = NULL,
         fecha_previa = coalesce(c.fecha, c.fecha_previa)
   WHERE c.id = unseal.comprobante;
END $$;

-- When one comprobante of a paused issuer may ask the PAC next; the others wait for what it is told.
ALTER TABLE cfdi.issuer ADD probed_at timestamptz;

CREATE FUNCTION cfdi.demand_issuer(rfc text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM cfdi.issuer i WHERE i.rfc = demand_issuer.rfc FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM cfdi.refuse('NX404', cfdi.fault('cfdi.unknown-issuer', 'rfc', 'No existe ese emisor en esta casa.',
      'Revise el RFC.'));
  END IF;
END $$;

-- A person stops an issuer: without end, without probes, until a person lets it go on. Answers whether it was new.
CREATE FUNCTION cfdi.pause_issuer(rfc text, reason text) RETURNS boolean LANGUAGE plpgsql ${DEFINER} AS $$
#variable_conflict use_column
DECLARE
  why constant text := left(btrim(coalesce(pause_issuer.reason, '')), 500);
  is_new boolean;
BEGIN
  PERFORM cfdi.demand_issuer(pause_issuer.rfc);
  IF why = '' THEN
    PERFORM cfdi.refuse('NX422', cfdi.fault('cfdi.missing-field', 'reason', 'Falta decir por qué se pausa el emisor.',
      'Escriba el motivo: lo leerán quienes esperan sus comprobantes.'));
  END IF;
  is_new := (SELECT i.paused_code IS DISTINCT FROM 'person' FROM cfdi.issuer i WHERE i.rfc = pause_issuer.rfc);
  UPDATE cfdi.issuer i
     SET paused_at = agents.now(), paused_until = NULL, paused_code = 'person', paused_reason = why, probed_at = NULL
   WHERE i.rfc = pause_issuer.rfc;
  PERFORM agents.hold(why, 'cfdi.stamp', NULL, pause_issuer.rfc);
  RETURN is_new;
END $$;

-- Lets an issuer go on, whoever stopped it; what waited for it is due. Answers whether it had been stopped.
CREATE FUNCTION cfdi.resume_issuer(rfc text) RETURNS boolean LANGUAGE plpgsql ${DEFINER} AS $$
#variable_conflict use_column
DECLARE
  was_paused boolean;
BEGIN
  -- Jobs before rows, as the agent locks them.
  PERFORM agents.retry_jobs(ARRAY(SELECT j.id FROM agents.job_listing j
     WHERE j.kind = 'cfdi.stamp' AND j.scope = resume_issuer.rfc AND j.state = 'pending' AND j.run_at > agents.now()));
  PERFORM cfdi.demand_issuer(resume_issuer.rfc);
  was_paused := (SELECT i.paused_at IS NOT NULL FROM cfdi.issuer i WHERE i.rfc = resume_issuer.rfc);
  UPDATE cfdi.issuer i
     SET paused_at = NULL, paused_until = NULL, paused_code = NULL, paused_reason = NULL, probed_at = NULL
   WHERE i.rfc = resume_issuer.rfc;
  PERFORM agents.unhold('cfdi.stamp', NULL, resume_issuer.rfc);
  RETURN was_paused;
END $$;

-- As before, but a person's pause is no business of a retry: it stays.
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

CREATE VIEW cfdi.historia AS
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

CREATE OR REPLACE VIEW cfdi.intentos AS
SELECT i.comprobante, i.number, i.revision, i.pac, i.sha256, i.started_at, i.ended_at, i.outcome, i.code, i.message,
       (date_part('epoch', i.ended_at - i.started_at) * 1000)::integer AS duration_ms, i.settled_at, i.settled_by
  FROM cfdi.intento i;
`;

/** What people of other rooms read and may do. */
export const rulesFace: readonly string[] = [
  // A view keeps the columns of the day on which it was made.
  'CREATE OR REPLACE VIEW agents.comprobante_attempts AS SELECT * FROM cfdi.intentos',
  'CREATE VIEW agents.comprobante_history AS SELECT * FROM cfdi.historia',
  `CREATE FUNCTION agents.pause_issuer(rfc text, reason text) RETURNS boolean
   LANGUAGE sql AS 'SELECT cfdi.pause_issuer(rfc, reason)'`,
  `CREATE FUNCTION agents.resume_issuer(rfc text) RETURNS boolean
   LANGUAGE sql AS 'SELECT cfdi.resume_issuer(rfc)'`,
];
