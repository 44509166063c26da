const DEFINER = 'SECURITY DEFINER SET search_path = cfdi, pg_temp';

/** Codes with which a PAC refuses a certificate: what a new CSD mends. */
const CERTIFICATE_CODES = "('303', '304', '305', '306', '308', '402')";

/** CSDs that others hand in without being able to read one, and warnings before a CSD ends. */
export const keeper = `
-- vault: locked with the key of the keys itself; sobre: an envelope addressed to the agent, closed by the gateway.
ALTER TABLE cfdi.csd ADD COLUMN lock text NOT NULL DEFAULT 'vault' CHECK (lock IN ('vault', 'sobre'));

-- Where envelopes are addressed: the public half of a key that the agent derives from its key of the keys.
CREATE TABLE cfdi.buzon (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  direccion  bytea NOT NULL CHECK (octet_length(direccion) = 32),
  written_at timestamptz NOT NULL DEFAULT agents.now()
);

-- Each warning once. days: how many were left at most (60, 30, 7, 1).
CREATE TABLE cfdi.csd_aviso (
  numero    text NOT NULL REFERENCES cfdi.csd ON DELETE CASCADE,
  days      integer NOT NULL,
  warned_at timestamptz NOT NULL DEFAULT agents.now(),
  PRIMARY KEY (numero, days)
);

CREATE FUNCTION cfdi.put_issuer(rfc text, nombre text, regimen_fiscal text, zona_horaria text) RETURNS boolean
LANGUAGE plpgsql ${DEFINER} AS $$
#variable_conflict use_column
DECLARE
  is_new boolean;
BEGIN
  INSERT INTO cfdi.issuer AS i (rfc, nombre, regimen_fiscal, zona_horaria)
  VALUES (put_issuer.rfc, put_issuer.nombre, put_issuer.regimen_fiscal, put_issuer.zona_horaria)
  ON CONFLICT (rfc) DO UPDATE SET nombre = excluded.nombre, regimen_fiscal = excluded.regimen_fiscal,
                                  zona_horaria = excluded.zona_horaria
  RETURNING xmax = 0 INTO is_new;
  RETURN is_new;
END $$;

-- A new CSD is there: what waited to be sealed is due, and a stop for the sake of the old one ends. A person's stays.
CREATE FUNCTION cfdi.csd_installed(rfc text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  code text;
BEGIN
  SELECT i.paused_code INTO code FROM cfdi.issuer i WHERE i.rfc = csd_installed.rfc;
  IF code IN ${CERTIFICATE_CODES} THEN
    PERFORM cfdi.resume_issuer(csd_installed.rfc);
  ELSIF code IS NULL THEN
    PERFORM agents.retry_jobs(ARRAY(SELECT j.id FROM agents.job_listing j JOIN cfdi.comprobante c ON c.job = j.id
       WHERE j.kind = 'cfdi.stamp' AND j.scope = csd_installed.rfc AND j.state = 'pending'
         AND j.run_at > agents.now() AND c.sha256 IS NULL));
  END IF;
END $$;

-- Takes a CSD whose key lies in an envelope. The caller has judged it; the agent judges it again before it seals.
CREATE FUNCTION cfdi.put_csd(rfc text, numero text, certificate bytea, sobre bytea, valid_from timestamptz,
                             valid_to timestamptz, direccion bytea) RETURNS boolean
LANGUAGE plpgsql ${DEFINER} AS $$
#variable_conflict use_column
DECLARE
  is_new boolean;
BEGIN
  PERFORM cfdi.demand_issuer(put_csd.rfc);
  IF NOT EXISTS (SELECT FROM cfdi.buzon b WHERE b.direccion = put_csd.direccion) THEN
    PERFORM cfdi.refuse('NX409', cfdi.fault('cfdi.no-mailbox', '', 'El agente de timbrado cambió de llave hace un momento.',
      'Vuelva a enviar el CSD.'));
  END IF;
  IF EXISTS (SELECT FROM cfdi.csd d WHERE d.numero = put_csd.numero
              AND (d.rfc <> put_csd.rfc OR d.certificate <> put_csd.certificate)) THEN
    PERFORM cfdi.refuse('NX409', cfdi.fault('cfdi.csd-conflict', 'certificado',
      'Ya hay otro certificado con ese número.', 'Revise el archivo .cer.'));
  END IF;
  INSERT INTO cfdi.csd AS d (numero, rfc, certificate, sealed_key, lock, valid_from, valid_to)
  VALUES (put_csd.numero, put_csd.rfc, put_csd.certificate, put_csd.sobre, 'sobre', put_csd.valid_from, put_csd.valid_to)
  ON CONFLICT (numero) DO UPDATE SET sealed_key = excluded.sealed_key, lock = excluded.lock
  RETURNING xmax = 0 INTO is_new;
  PERFORM cfdi.csd_installed(put_csd.rfc);
  RETURN is_new;
END $$;

-- in_use: the newest valid one, with which the issuer seals. No key, no certificate.
CREATE VIEW cfdi.csds AS
SELECT d.rfc, d.numero, d.valid_from, d.valid_to, d.added_at,
       floor(date_part('epoch', d.valid_to - agents.now()) / 86400)::integer AS days_left,
       d.numero = (SELECT n.numero FROM cfdi.csd n
                    WHERE n.rfc = d.rfc AND n.valid_from <= agents.now() AND n.valid_to >= agents.now()
                    ORDER BY n.valid_from DESC, n.numero DESC LIMIT 1) IS TRUE AS in_use,
       (SELECT min(a.days) FROM cfdi.csd_aviso a WHERE a.numero = d.numero) AS warned_days
  FROM cfdi.csd d;

CREATE VIEW cfdi.direccion_del_buzon AS SELECT b.direccion FROM cfdi.buzon b;
`;

/** What the gateway may see and do of it. */
export const keeperFace: readonly string[] = [
  'CREATE VIEW agents.issuer_csds AS SELECT * FROM cfdi.csds',
  'CREATE VIEW agents.csd_mailbox AS SELECT * FROM cfdi.direccion_del_buzon',
  `CREATE FUNCTION agents.put_issuer(rfc text, nombre text, regimen_fiscal text, zona_horaria text) RETURNS boolean
   LANGUAGE sql AS 'SELECT cfdi.put_issuer(rfc, nombre, regimen_fiscal, zona_horaria)'`,
  `CREATE FUNCTION agents.put_csd(rfc text, numero text, certificate bytea, sobre bytea, valid_from timestamptz,
                                  valid_to timestamptz, direccion bytea) RETURNS boolean
   LANGUAGE sql AS 'SELECT cfdi.put_csd(rfc, numero, certificate, sobre, valid_from, valid_to, direccion)'`,
];
