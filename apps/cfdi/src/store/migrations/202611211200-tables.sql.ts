/** Tables of the CFDI agent, and the walls that no code of ours may climb over. */
export const tables = `
CREATE TABLE cfdi.issuer (
  rfc             text PRIMARY KEY,
  nombre          text NOT NULL,
  regimen_fiscal  text NOT NULL,
  -- Used when a document names no zone of its own; NULL: by postal code.
  zona_horaria    text,
  paused_at       timestamptz,
  paused_until    timestamptz,
  paused_code     text,
  paused_reason   text,
  created_at      timestamptz NOT NULL DEFAULT agents.now()
);
COMMENT ON COLUMN cfdi.issuer.nombre IS 'As the tax authority has it, without the form of company.';

CREATE TABLE cfdi.csd (
  numero      text PRIMARY KEY CHECK (numero ~ '^[0-9]{20}$'),
  rfc         text NOT NULL REFERENCES cfdi.issuer,
  certificate bytea NOT NULL,
  -- PKCS#8 DER of the private key, AES-256-GCM: nonce (12), ciphertext, tag (16). The key of the key is a setting.
  sealed_key  bytea NOT NULL,
  valid_from  timestamptz NOT NULL,
  valid_to    timestamptz NOT NULL,
  added_at    timestamptz NOT NULL DEFAULT agents.now()
);
CREATE INDEX csd_of_issuer ON cfdi.csd (rfc, valid_to DESC);

CREATE TABLE cfdi.comprobante (
  id              uuid PRIMARY KEY,
  issuer          text NOT NULL,
  external_id     text NOT NULL,
  tipo            text NOT NULL,
  serie           text,
  folio           text,
  revision        integer NOT NULL DEFAULT 1,
  document        jsonb NOT NULL,
  estado          text NOT NULL DEFAULT 'pendiente' CHECK (estado IN ('pendiente', 'sellado', 'enviando', 'timbrado',
                    'almacenado', 'listo', 'rechazado', 'revision', 'cancelacion_pedida', 'cancelado')),
  motivo_espera   text,
  -- The job that carries it on, or carried it last.
  job             uuid,
  error           jsonb,
  faults          jsonb,
  sub_total       numeric,
  descuento       numeric,
  total           numeric,
  -- The seal: exactly these bytes go to the PAC.
  sealed          bytea,
  sha256          text,
  sello           text,
  fecha           text,
  no_certificado  text,
  sealed_at       timestamptz,
  pac             text,
  uuid            uuid UNIQUE,
  fecha_timbrado  text,
  -- Kept until object storage has confirmed it.
  xml             bytea,
  xml_key         text,
  pdf_key         text,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  UNIQUE (issuer, external_id),
  CHECK ((sha256 IS NULL) = (sealed_at IS NULL)),
  CHECK (uuid IS NULL OR sha256 IS NOT NULL),
  CHECK (estado NOT IN ('timbrado', 'almacenado', 'listo', 'cancelacion_pedida', 'cancelado') OR uuid IS NOT NULL)
);
CREATE UNIQUE INDEX comprobante_folio ON cfdi.comprobante (issuer, tipo, coalesce(serie, ''), folio)
  WHERE folio IS NOT NULL;
CREATE INDEX comprobante_unfinished ON cfdi.comprobante (estado, updated_at)
  WHERE estado NOT IN ('listo', 'cancelado');

-- Every request to a PAC, committed before it leaves. outcome NULL: it is on its way, or its process died.
CREATE TABLE cfdi.intento (
  comprobante uuid NOT NULL REFERENCES cfdi.comprobante,
  number      integer NOT NULL,
  revision    integer NOT NULL,
  pac         text NOT NULL,
  sha256      text NOT NULL,
  started_at  timestamptz NOT NULL,
  ended_at    timestamptz,
  outcome     text CHECK (outcome IN ('stamped', 'refused', 'unsent', 'unknown')),
  code        text,
  message     text,
  PRIMARY KEY (comprobante, number)
);
COMMENT ON COLUMN cfdi.intento.outcome IS 'stamped; refused: the PAC said no for good; unsent: no byte of it left; unknown or NULL: it may have been stamped.';

-- Seals that were given up after definite refusals: nothing that was ever signed is lost.
CREATE TABLE cfdi.sello_archivado (
  comprobante uuid NOT NULL REFERENCES cfdi.comprobante,
  revision    integer NOT NULL,
  document    jsonb NOT NULL,
  sealed      bytea NOT NULL,
  sha256      text NOT NULL,
  archived_at timestamptz NOT NULL,
  reason      text NOT NULL
);
CREATE INDEX sello_archivado_of ON cfdi.sello_archivado (comprobante);

CREATE FUNCTION cfdi.is_doubtful(comprobante uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM cfdi.intento i
                  WHERE i.comprobante = is_doubtful.comprobante AND coalesce(i.outcome, 'unknown') = 'unknown')
$$;

-- The one rule: while an attempt has an unknown outcome, no other bytes for that comprobante, and no other PAC.
CREATE FUNCTION cfdi.wall_of_the_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.uuid IS NOT NULL AND (NEW.uuid IS DISTINCT FROM OLD.uuid OR NEW.sha256 IS DISTINCT FROM OLD.sha256) THEN
    RAISE EXCEPTION 'The comprobante % is stamped: its UUID and its seal stay.', OLD.id USING ERRCODE = 'NX030';
  END IF;
  IF (NEW.sha256 IS DISTINCT FROM OLD.sha256 OR (OLD.pac IS NOT NULL AND NEW.pac IS DISTINCT FROM OLD.pac))
     AND OLD.sha256 IS NOT NULL AND cfdi.is_doubtful(OLD.id) THEN
    RAISE EXCEPTION 'The comprobante % has an attempt of unknown outcome: its seal and its PAC stay.', OLD.id
      USING ERRCODE = 'NX030';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER wall_of_the_seal BEFORE UPDATE OF sha256, pac, uuid ON cfdi.comprobante
  FOR EACH ROW EXECUTE FUNCTION cfdi.wall_of_the_seal();

CREATE FUNCTION cfdi.wall_of_the_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  c cfdi.comprobante;
BEGIN
  SELECT * INTO c FROM cfdi.comprobante x WHERE x.id = NEW.comprobante FOR UPDATE;
  IF c.sha256 IS DISTINCT FROM NEW.sha256 OR c.pac IS DISTINCT FROM NEW.pac OR c.uuid IS NOT NULL THEN
    RAISE EXCEPTION 'The comprobante % is not sealed with these bytes for this PAC, or is stamped.', NEW.comprobante
      USING ERRCODE = 'NX030';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER wall_of_the_attempt BEFORE INSERT ON cfdi.intento
  FOR EACH ROW EXECUTE FUNCTION cfdi.wall_of_the_attempt();
`;
