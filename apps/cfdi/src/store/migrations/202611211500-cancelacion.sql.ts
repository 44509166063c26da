import { loginOf } from '@nexora/database';

const DEFINER = 'SECURITY DEFINER SET search_path = cfdi, pg_temp';

/** Cancellations, what the tax authority says of a comprobante, and the stamps left at the PAC. */
export const cancelacion = `
-- One row per request of a person. A later one exists only after the earlier was decided.
CREATE TABLE cfdi.cancelacion (
  comprobante       uuid NOT NULL REFERENCES cfdi.comprobante,
  number            integer NOT NULL,
  motivo            text NOT NULL CHECK (motivo IN ('01', '02', '03', '04')),
  folio_sustitucion uuid,
  estado            text NOT NULL DEFAULT 'pedida' CHECK (estado IN ('pedida', 'en_proceso', 'aceptada', 'rechazada')),
  asked_at          timestamptz NOT NULL,
  -- The signed request: exactly these bytes go to the PAC.
  signed            bytea,
  sha256            text,
  no_certificado    text,
  signed_at         timestamptz,
  -- When the tax authority was known to have taken it.
  taken_at          timestamptz,
  decided_at        timestamptz,
  -- What a person is told while it does not go on, or why it came to nothing.
  error             jsonb,
  -- The acknowledgement is the only proof: it stays here for good, and lies in object storage too.
  acuse             bytea,
  acuse_at          timestamptz,
  acuse_key         text,
  checks            integer NOT NULL DEFAULT 0,
  next_check_at     timestamptz,
  PRIMARY KEY (comprobante, number),
  CHECK ((motivo = '01') = (folio_sustitucion IS NOT NULL)),
  CHECK ((sha256 IS NULL) = (signed IS NULL)),
  CHECK ((decided_at IS NULL) = (estado IN ('pedida', 'en_proceso')))
);
COMMENT ON COLUMN cfdi.cancelacion.estado IS 'pedida: the tax authority is not known to have it; en_proceso: it has, and receiver or tax authority decide; aceptada, rechazada: decided.';
CREATE UNIQUE INDEX cancelacion_open ON cfdi.cancelacion (comprobante) WHERE decided_at IS NULL;
CREATE INDEX cancelacion_to_check ON cfdi.cancelacion (next_check_at) WHERE decided_at IS NULL;

-- Every request to a PAC, committed before it leaves. outcome NULL: it is on its way, or its process died.
CREATE TABLE cfdi.intento_de_cancelacion (
  comprobante uuid NOT NULL,
  number      integer NOT NULL,
  attempt     integer NOT NULL,
  pac         text NOT NULL,
  sha256      text NOT NULL,
  started_at  timestamptz NOT NULL,
  ended_at    timestamptz,
  outcome     text CHECK (outcome IN ('asked', 'refused', 'unsent', 'unknown')),
  code        text,
  message     text,
  PRIMARY KEY (comprobante, number, attempt),
  FOREIGN KEY (comprobante, number) REFERENCES cfdi.cancelacion
);

-- What was signed is what is sent, in every try.
CREATE FUNCTION cfdi.wall_of_the_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.sha256 IS NOT NULL AND (NEW.sha256, NEW.signed) IS DISTINCT FROM (OLD.sha256, OLD.signed) THEN
    RAISE EXCEPTION 'The request to cancel % is signed: its bytes stay.', OLD.comprobante USING ERRCODE = 'NX030';
  END IF;
  IF OLD.acuse IS NOT NULL AND NEW.acuse IS DISTINCT FROM OLD.acuse THEN
    RAISE EXCEPTION 'The request to cancel % has its acknowledgement: that stays.', OLD.comprobante USING ERRCODE = 'NX030';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER wall_of_the_request BEFORE UPDATE OF signed, sha256, acuse ON cfdi.cancelacion
  FOR EACH ROW EXECUTE FUNCTION cfdi.wall_of_the_request();

-- The last answer of the tax authority's consultation service. checked_at NULL: asked for, not answered yet.
CREATE TABLE cfdi.estado_sat (
  comprobante         uuid PRIMARY KEY REFERENCES cfdi.comprobante,
  codigo_estatus      text,
  estado              text,
  es_cancelable       text,
  estatus_cancelacion text,
  validacion_efos     text,
  checked_at          timestamptz,
  -- The job that asks, or asked last.
  job                 uuid
);

-- Stamps left. rfc '': one account for all issuers. restantes NULL: as many as one likes.
CREATE TABLE cfdi.saldo_de_timbres (
  pac        text NOT NULL,
  rfc        text NOT NULL DEFAULT '',
  restantes  integer,
  checked_at timestamptz NOT NULL,
  -- Since when there have been few.
  low_since  timestamptz,
  PRIMARY KEY (pac, rfc)
);

CREATE FUNCTION cfdi.refuse_cancellation(state text, field text, message text, remedy text) RETURNS void LANGUAGE sql AS $$
  SELECT cfdi.refuse(state, cfdi.fault(CASE state WHEN 'NX409' THEN 'cfdi.not-cancellable' ELSE 'cfdi.invalid' END,
                                       field, message, remedy))
$$;

-- Judges motivo and substitute as far as this house can know.
CREATE FUNCTION cfdi.demand_motivo(c cfdi.comprobante, motivo text, sustituto uuid) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  s cfdi.comprobante;
BEGIN
  IF demand_motivo.motivo IS NULL OR demand_motivo.motivo NOT IN ('01', '02', '03', '04') THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'motivo', 'El motivo de cancelación no está en el catálogo del SAT.',
      'Use 01 (errores, con sustituto), 02 (errores, sin sustituto), 03 (no se llevó a cabo la operación) o 04 (operación nominativa en una factura global).');
  END IF;
  IF demand_motivo.motivo <> '01' AND sustituto IS NOT NULL THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'folioSustitucion', 'Solo el motivo 01 lleva folioSustitucion.',
      'Quite folioSustitucion, o use el motivo 01.');
  END IF;
  IF demand_motivo.motivo <> '01' THEN
    RETURN;
  END IF;
  IF sustituto IS NULL THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'folioSustitucion', 'El motivo 01 exige el folio fiscal (UUID) del comprobante que sustituye a este.',
      'Emita primero el sustituto, con tipoRelacion 04 hacia este, y escriba su UUID en folioSustitucion; sin sustituto use el motivo 02.');
  END IF;
  IF sustituto = c.uuid THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'folioSustitucion', 'folioSustitucion es el mismo comprobante que se cancela.',
      'Escriba el UUID del comprobante nuevo.');
  END IF;
  SELECT * INTO s FROM cfdi.comprobante x WHERE x.uuid = sustituto;
  -- Stamped by another program, in the portal, or lost to a restore: the tax authority knows it and judges (208, 209, 212).
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF s.issuer <> c.issuer THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'folioSustitucion', 'El sustituto es de otro emisor.',
      'Emita el sustituto con el mismo emisor.');
  END IF;
  IF s.estado IN ('cancelacion_pedida', 'cancelado') THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'folioSustitucion', 'El sustituto está cancelado o por cancelarse.',
      'Escriba el UUID de un comprobante vigente.');
  END IF;
  IF NOT EXISTS (SELECT FROM jsonb_array_elements(coalesce(s.document->'relacionados', '[]')) r,
                             jsonb_array_elements_text(r->'uuids') u
                  WHERE r->>'tipoRelacion' = '04' AND lower(btrim(u)) = c.uuid::text) THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'folioSustitucion', 'El sustituto no dice que sustituye a este comprobante.',
      'Emita el sustituto con relacionados [{"tipoRelacion": "04", "uuids": ["' || c.uuid || '"]}], o use el motivo 02.');
  END IF;
END $$;

-- Why a comprobante in that state cannot be cancelled, and what to do instead.
CREATE FUNCTION cfdi.refuse_state(estado text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  CASE
    WHEN estado IN ('timbrado', 'almacenado') THEN
      PERFORM cfdi.refuse_cancellation('NX409', 'id', 'El comprobante está timbrado, pero su XML o su PDF aún no se han guardado.',
        'Espere a que esté listo y vuelva a pedirlo.');
    WHEN estado = 'revision' THEN
      PERFORM cfdi.refuse_cancellation('NX409', 'id', 'No se sabe si el comprobante se timbró: no se puede cancelar todavía.',
        'Resuelva primero la revisión con «Reintentar».');
    WHEN estado = 'rechazado' THEN
      PERFORM cfdi.refuse_cancellation('NX409', 'id', 'El comprobante nunca se timbró: ante el SAT no hay nada que cancelar.',
        'Corríjalo, o déjelo como está; no tiene efectos fiscales.');
    ELSE
      PERFORM cfdi.refuse_cancellation('NX409', 'id', 'El comprobante todavía no está timbrado: ante el SAT no hay nada que cancelar.',
        'Si no debe timbrarse, cancele su trabajo; si ya debe existir, espere a que esté listo y cancélelo entonces.');
  END CASE;
END $$;

-- A person asks for a cancellation. The same again answers the job that does it.
CREATE FUNCTION cfdi.cancel_comprobante(id uuid, motivo text, folio_sustitucion uuid) RETURNS uuid LANGUAGE plpgsql ${DEFINER} AS $$
#variable_conflict use_column
DECLARE
  c cfdi.comprobante;
  last cfdi.cancelacion;
  work uuid;
BEGIN
  SELECT * INTO c FROM cfdi.comprobante x WHERE x.id = cancel_comprobante.id FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM cfdi.refuse('NX404', cfdi.fault('cfdi.not-found', 'id', 'No existe ese comprobante.', 'Revise el id.'));
  END IF;
  SELECT * INTO last FROM cfdi.cancelacion x WHERE x.comprobante = c.id ORDER BY x.number DESC LIMIT 1;
  IF c.estado IN ('cancelacion_pedida', 'cancelado') THEN
    IF (last.motivo, last.folio_sustitucion) IS NOT DISTINCT FROM
       (cancel_comprobante.motivo, cancel_comprobante.folio_sustitucion) THEN
      RETURN c.job;
    END IF;
    PERFORM cfdi.refuse_cancellation('NX409', 'motivo',
      CASE c.estado WHEN 'cancelado' THEN 'El comprobante ya está cancelado.'
                    ELSE 'Ya se pidió la cancelación con otro motivo u otro sustituto.' END,
      'Consulte su estado; una solicitud enviada al SAT no se cambia.');
  END IF;
  IF c.estado <> 'listo' THEN
    PERFORM cfdi.refuse_state(c.estado);
  END IF;
  PERFORM cfdi.demand_motivo(c, cancel_comprobante.motivo, cancel_comprobante.folio_sustitucion);
  INSERT INTO cfdi.cancelacion (comprobante, number, motivo, folio_sustitucion, asked_at)
  VALUES (c.id, coalesce(last.number, 0) + 1, cancel_comprobante.motivo, cancel_comprobante.folio_sustitucion, agents.now());
  work := cfdi.enqueue_step(c.id, 'cfdi.cancel', 'default', NULL);
  UPDATE cfdi.comprobante x
     SET estado = 'cancelacion_pedida', error = NULL, job = work, updated_at = agents.now()
   WHERE x.id = c.id;
  RETURN work;
END $$;

-- Asks the tax authority for the state of a comprobante, now. Answers the job that does it.
CREATE FUNCTION cfdi.check_comprobante(id uuid) RETURNS uuid LANGUAGE plpgsql ${DEFINER} AS $$
#variable_conflict use_column
DECLARE
  c cfdi.comprobante;
  work uuid;
BEGIN
  SELECT * INTO c FROM cfdi.comprobante x WHERE x.id = check_comprobante.id;
  IF NOT FOUND THEN
    PERFORM cfdi.refuse('NX404', cfdi.fault('cfdi.not-found', 'id', 'No existe ese comprobante.', 'Revise el id.'));
  END IF;
  IF c.uuid IS NULL THEN
    PERFORM cfdi.refuse('NX409', cfdi.fault('cfdi.not-ready', 'id', 'El comprobante todavía no está timbrado: el SAT no lo conoce.',
      'Espere a que esté timbrado.'));
  END IF;
  work := (SELECT e.job FROM cfdi.estado_sat e WHERE e.comprobante = c.id);
  -- Job before row, as the agent locks them. One that runs may have been answered before this was asked.
  IF work IS NOT NULL AND agents.retry_job(work) = 'pending' THEN
    RETURN work;
  END IF;
  PERFORM FROM cfdi.comprobante x WHERE x.id = c.id FOR UPDATE;
  work := cfdi.enqueue_step(c.id, 'cfdi.status', 'high', NULL);
  INSERT INTO cfdi.estado_sat (comprobante, job) VALUES (c.id, work)
  ON CONFLICT (comprobante) DO UPDATE SET job = excluded.job;
  RETURN work;
END $$;

-- What other rooms may know of it: the last request of each comprobante and what the tax authority says.
CREATE VIEW cfdi.comprobante_sat AS
SELECT c.id AS comprobante, e.estado AS estado_sat, e.codigo_estatus, e.es_cancelable, e.estatus_cancelacion, e.checked_at,
       x.number, x.motivo, x.folio_sustitucion, x.estado AS cancelacion, x.asked_at, x.taken_at, x.decided_at, x.error,
       (SELECT count(*)::integer FROM cfdi.intento_de_cancelacion i
         WHERE i.comprobante = c.id AND i.number = x.number AND i.outcome IS DISTINCT FROM 'unsent') AS attempts,
       a.acuse, a.acuse_key
  FROM cfdi.comprobante c
  LEFT JOIN cfdi.estado_sat e ON e.comprobante = c.id
  LEFT JOIN LATERAL (SELECT * FROM cfdi.cancelacion k WHERE k.comprobante = c.id ORDER BY k.number DESC LIMIT 1) x ON true
  -- The youngest acknowledgement, also of a request that came to nothing.
  LEFT JOIN LATERAL (SELECT k.acuse, k.acuse_key FROM cfdi.cancelacion k
                      WHERE k.comprobante = c.id AND k.acuse IS NOT NULL ORDER BY k.number DESC LIMIT 1) a ON true;

CREATE VIEW cfdi.intentos_de_cancelacion AS
SELECT i.comprobante, i.number, i.attempt, k.motivo, k.folio_sustitucion, i.pac, i.sha256, i.started_at, i.ended_at,
       i.outcome, i.code, i.message
  FROM cfdi.intento_de_cancelacion i JOIN cfdi.cancelacion k USING (comprobante, number);

CREATE VIEW cfdi.timbres_restantes AS
SELECT s.pac, nullif(s.rfc, '') AS rfc, s.restantes, s.checked_at, s.low_since FROM cfdi.saldo_de_timbres s;
`;

/** The face of cancellations in the schema that the gateway knows. */
export const cancelacionFace: readonly string[] = [
  'CREATE VIEW agents.comprobante_sat AS SELECT * FROM cfdi.comprobante_sat',
  'CREATE VIEW agents.cancellation_attempts AS SELECT * FROM cfdi.intentos_de_cancelacion',
  'CREATE VIEW agents.stamps_left AS SELECT * FROM cfdi.timbres_restantes',
  `CREATE FUNCTION agents.cancel_comprobante(id uuid, motivo text, folio_sustitucion uuid DEFAULT NULL) RETURNS uuid
   LANGUAGE sql AS 'SELECT cfdi.cancel_comprobante(id, motivo, folio_sustitucion)'`,
  `CREATE FUNCTION agents.check_comprobante(id uuid) RETURNS uuid
   LANGUAGE sql AS 'SELECT cfdi.check_comprobante(id)'`,
];

const FUNCTIONS = ['cancel_comprobante(uuid, text, uuid)', 'check_comprobante(uuid)'] as const;
const VIEWS = ['comprobante_sat', 'cancellation_attempts', 'stamps_left'].map((view) => `agents.${view}`).join(', ');

function gatewayMay(schema: string): string {
  const may = FUNCTIONS.map((one) => `GRANT EXECUTE ON FUNCTION ${schema}.${one} TO ${loginOf('gateway')};`);
  return `IF to_regrole('${loginOf('gateway')}') IS NOT NULL THEN ${may.join(' ')} END IF;`;
}

/** Who may execute what here: the gateway, and nobody else. */
export const cancelacionGrants = `DO $$ BEGIN
  REVOKE ALL ON FUNCTION ${FUNCTIONS.map((one) => `cfdi.${one}`).join(', ')} FROM PUBLIC;
  ${gatewayMay('cfdi')}
END $$`;

/** The same in the schema of the house; views are given by name, never to all agents. */
export const cancelacionFaceGrants = `DO $$ BEGIN
  REVOKE ALL ON FUNCTION ${FUNCTIONS.map((one) => `agents.${one}`).join(', ')} FROM PUBLIC;
  ${gatewayMay('agents')}
  IF to_regrole('${loginOf('gateway')}') IS NOT NULL THEN GRANT SELECT ON ${VIEWS} TO ${loginOf('gateway')}; END IF;
END $$`;
