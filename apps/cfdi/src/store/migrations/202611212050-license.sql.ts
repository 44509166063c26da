import { waiting } from './202611211400-waiting.sql.ts';

/** States from which a comprobante goes on by itself, and the kind of job that carries it on. */
const STEPS = [
  ['pendiente', 'cfdi.stamp'],
  ['sellado', 'cfdi.stamp'],
  ['enviando', 'cfdi.stamp'],
  ['timbrado', 'cfdi.store'],
  ['almacenado', 'cfdi.render'],
] as const;
const stepOf = (estado: string): string =>
  `CASE ${estado} ${STEPS.map(([state, kind]) => `WHEN '${state}' THEN '${kind}'`).join(' ')} END`;
const ON_THEIR_WAY = STEPS.map(([estado]) => `'${estado}'`).join(', ');

/** Rows that go on by themselves and have no job are given one: by the pick-up, and by the audit of the whole ledger. */
export const adopt = `
-- After a restore, or when a job was lost. Answers how many rows; the youngest minute belongs to who just wrote it.
CREATE FUNCTION cfdi.adopt(most integer DEFAULT 1000) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = cfdi, pg_temp AS $$
DECLARE
  c       cfdi.comprobante;
  adopted integer := 0;
BEGIN
  FOR c IN
    SELECT x.* FROM cfdi.comprobante x
     WHERE x.estado IN (${ON_THEIR_WAY}) AND x.updated_at < agents.now() - interval '1 min'
       AND NOT EXISTS (SELECT FROM agents.job_listing j WHERE j.id = x.job AND j.state <> 'done')
     ORDER BY x.id LIMIT most FOR UPDATE OF x SKIP LOCKED
  LOOP
    UPDATE cfdi.comprobante x
       SET job = agents.enqueue(${stepOf('c.estado')}, jsonb_build_object('comprobanteId', c.id), scope => c.issuer),
           updated_at = agents.now()
     WHERE x.id = c.id;
    adopted := adopted + 1;
  END LOOP;
  RETURN adopted;
END $$;

-- The audit calls it with the rights of the ledger's owner.
DO $$ BEGIN
  EXECUTE format('GRANT EXECUTE ON FUNCTION cfdi.adopt(integer) TO %I',
                 (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'agents'));
END $$;
SELECT agents.register_reconciler('cfdi', 'cfdi.adopt(integer)');
`;

/** Why the licence keeps new comprobantes waiting, by the reason that its agent gives. */
const WHY = `CASE l.reason
        WHEN 'file expired' THEN 'La licencia venció y terminaron los días de gracia'
        WHEN 'contract ended' THEN 'El contrato de la licencia terminó, y también los días de gracia'
        WHEN 'revocation list stale' THEN 'La licencia lleva demasiado tiempo sin poder comprobarse'
        WHEN 'machine changed' THEN 'La licencia pertenece a otro equipo'
        WHEN 'revoked' THEN 'La licencia fue revocada'
        WHEN 'suspended' THEN 'La licencia está suspendida'
        WHEN 'no license' THEN 'No hay ninguna licencia instalada'
        WHEN 'no key' THEN 'Falta la clave con la que se comprueba la licencia'
        WHEN 'bad signature' THEN 'La licencia instalada no es auténtica'
        WHEN 'unknown key' THEN 'La licencia instalada está firmada con una clave que este equipo no conoce'
        WHEN 'unreadable' THEN 'La licencia instalada no se puede leer'
        ELSE 'La licencia no permite timbrar comprobantes nuevos' END`;

const LICENSE = `WHEN (SELECT l.limited FROM agents.license_gate l)
       -- What is under way goes on.
       AND NOT EXISTS (SELECT FROM agents.job j WHERE j.id = s.job_id AND (j.intent IS NOT NULL OR j.state = 'running'))
        THEN (SELECT ${WHY} || ': se timbra por sí solo en cuanto se renueve la licencia' FROM agents.license_gate l)
      `;
const LINE = `WHEN (SELECT k.state FROM agents.connectivity_state k) = 'offline'`;

/** The licence among the reasons: after what somebody stopped in the house, before what heals without anybody. */
export const waitingForLicense: readonly string[] = waiting.map((view) => {
  if (view.split(LINE).length !== 2) throw new Error('The reason of the line stands not once in the view.');
  return view.replace(LINE, LICENSE + LINE);
});
