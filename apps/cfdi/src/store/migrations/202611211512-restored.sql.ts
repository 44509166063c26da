import { loginOf } from '@nexora/database';

const DEFINER = 'SECURITY DEFINER SET search_path = cfdi, pg_temp';

/**
 * After a restore the tables are those of the backup's hour, and the world is not: what they call pending may have been
 * stamped. Nothing older than the restore is sealed before that was searched, or the owner says so.
 */
export const restored = `
CREATE TABLE cfdi.restauracion (
  -- Everything handed over until then is of the backup.
  restored_at timestamptz PRIMARY KEY,
  noted_at    timestamptz NOT NULL DEFAULT agents.now(),
  -- Object storage was read from end to end. found: comprobantes whose stamp lay there.
  searched_at timestamptz,
  found       integer,
  -- The owner let everything go.
  released_at timestamptz
);
-- Lets this one go: its outcome is known, or the owner answers for it.
ALTER TABLE cfdi.comprobante ADD released_at timestamptz;

-- Stamps in object storage of which the restored tables know nothing.
CREATE TABLE cfdi.timbre_suelto (
  uuid        uuid PRIMARY KEY,
  issuer      text NOT NULL,
  tipo        text,
  serie       text,
  folio       text,
  external_id text,
  xml_key     text NOT NULL,
  found_at    timestamptz NOT NULL DEFAULT agents.now()
);
CREATE INDEX timbre_suelto_folio ON cfdi.timbre_suelto (issuer, folio);

-- What the last restore holds back: not stamped, handed over before it, released by nobody since.
CREATE VIEW cfdi.retenido AS
SELECT c.id, c.issuer, c.serie, c.folio, c.estado, c.created_at, c.sha256 IS NOT NULL AS is_sealed, r.restored_at, r.searched_at
  FROM cfdi.restauracion r
  JOIN cfdi.comprobante c ON c.created_at <= r.restored_at AND c.uuid IS NULL
                         AND c.estado IN ('pendiente', 'sellado', 'enviando', 'rechazado', 'revision')
                         AND (c.released_at IS NULL OR c.released_at < r.noted_at)
 WHERE r.released_at IS NULL AND r.restored_at = (SELECT max(x.restored_at) FROM cfdi.restauracion x);

-- Told by whoever restores, before an agent is started. Answers how many comprobantes are held back.
CREATE FUNCTION cfdi.mark_restored(at timestamptz) RETURNS integer LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  -- Whole milliseconds, since other programs know no finer time; none that was handed over before is left out.
  moment constant timestamptz := date_trunc('milliseconds', coalesce(at, agents.now())) + interval '1 ms';
BEGIN
  IF moment > agents.now() + interval '5 min' THEN
    PERFORM cfdi.refuse('NX422', cfdi.fault('cfdi.range', 'at', 'La hora de la restauración está en el futuro.',
      'Escriba la hora en que terminó la restauración.'));
  END IF;
  INSERT INTO cfdi.restauracion (restored_at) VALUES (moment)
  ON CONFLICT (restored_at) DO UPDATE SET noted_at = agents.now(), searched_at = NULL, found = NULL, released_at = NULL;
  RETURN (SELECT count(*) FROM cfdi.retenido);
END $$;

-- The owner answers for it that one comprobante (NULL: none of those held back) was not stamped before. Answers how many.
CREATE FUNCTION cfdi.release_restored(id uuid) RETURNS integer LANGUAGE plpgsql ${DEFINER} AS $$
#variable_conflict use_column
DECLARE
  ids constant uuid[] := ARRAY(SELECT h.id FROM cfdi.retenido h WHERE release_restored.id IS NULL OR h.id = release_restored.id);
  n integer;
BEGIN
  -- Jobs before rows, as the agent locks them.
  PERFORM agents.retry_jobs(ARRAY(SELECT c.job FROM cfdi.comprobante c JOIN agents.job_listing j ON j.id = c.job
                                   WHERE c.id = ANY (ids || release_restored.id) AND j.state = 'pending'));
  UPDATE cfdi.comprobante c SET released_at = agents.now(), motivo_espera = NULL WHERE c.id = ANY (ids || release_restored.id);
  GET DIAGNOSTICS n = ROW_COUNT;
  IF release_restored.id IS NULL THEN
    UPDATE cfdi.restauracion r SET released_at = agents.now() WHERE r.released_at IS NULL;
  ELSIF n = 0 THEN
    PERFORM cfdi.seen(release_restored.id);
  END IF;
  INSERT INTO cfdi.suceso (comprobante, code, is_warning, message)
  SELECT u.id, 'cfdi.released', false, 'El dueño lo liberó después de restaurar un respaldo.' FROM unnest(ids) AS u (id);
  RETURN n;
END $$;

CREATE VIEW cfdi.restauraciones AS
SELECT r.restored_at, r.noted_at, r.searched_at, r.found, r.released_at,
       (SELECT count(*)::integer FROM cfdi.retenido h WHERE h.restored_at = r.restored_at) AS held,
       (SELECT count(*)::integer FROM cfdi.timbre_suelto) AS strays
  FROM cfdi.restauracion r;
`;

/** Lets the gateway, where it has a login of its own, do what its people may. */
const toGateway = (schema: string, rights: string): string => `DO $$ BEGIN
  REVOKE ALL ON FUNCTION ${schema}.mark_restored(timestamptz), ${schema}.release_restored(uuid) FROM PUBLIC;
  IF to_regrole('${loginOf('gateway')}') IS NOT NULL THEN
    GRANT EXECUTE ON FUNCTION ${schema}.mark_restored(timestamptz), ${schema}.release_restored(uuid) TO ${loginOf('gateway')};
    ${rights}
  END IF;
END $$`;

/** Rights on what stands in our own schema. */
export const restoredGrants: string = toGateway('cfdi', '');

/** What whoever restores, and the owner through the gateway, may do and see. */
export const restoredFace: readonly string[] = [
  'CREATE VIEW agents.restorations AS SELECT * FROM cfdi.restauraciones',
  `CREATE FUNCTION agents.mark_restored(at timestamptz DEFAULT NULL) RETURNS integer
   LANGUAGE sql AS 'SELECT cfdi.mark_restored(at)'`,
  `CREATE FUNCTION agents.release_restored(id uuid DEFAULT NULL) RETURNS integer
   LANGUAGE sql AS 'SELECT cfdi.release_restored(id)'`,
  toGateway('agents', `GRANT SELECT ON agents.restorations TO ${loginOf('gateway')};`),
];
