import { AGENT_ROLE, CLIENT_ROLE, loginOf } from '@nexora/database';

const GATEWAY = loginOf('gateway');

/** Runs `work` as the owner of the schema `agents`, then as before; the migrating login may take both roles. */
function asOwner(work: string): string {
  return `EXECUTE format('SET LOCAL ROLE %I', owner); ${work} EXECUTE format('SET LOCAL ROLE %I', self);`;
}

/** One role's rights, given only where the role exists: with a login that may not create roles, all apps share it. */
function toRole(role: string, own: readonly string[], face: readonly string[]): string {
  const grant = (rights: readonly string[]): string =>
    rights.map((right) => `EXECUTE format('GRANT ${right} TO %I', '${role}');`).join(' ');
  return `IF to_regrole('${role}') IS NOT NULL THEN ${grant(own)} ${asOwner(grant(face))} END IF;`;
}

const SUBMIT = 'FUNCTION %s.submit_comprobante(jsonb, text)';
const MEND = ['FUNCTION %s.retry_comprobante(uuid)', 'FUNCTION %s.mend_comprobante(uuid, jsonb)'];
const PAUSE = ['FUNCTION %s.pause_issuer(text, text)', 'FUNCTION %s.resume_issuer(text)'];
const STYLE = 'FUNCTION %s.put_issuer_style(text, bytea, text, text)';
const ISSUERS = [
  'FUNCTION %s.put_issuer(text, text, text, text)',
  'FUNCTION %s.put_csd(text, text, bytea, bytea, timestamptz, timestamptz, bytea)',
];
const execute = (schema: string, functions: readonly string[]): string[] =>
  functions.map((one) => `EXECUTE ON ${one.replace('%s', schema)}`);

/** Who may do what in this room. */
export const grants = {
  /** Lets the owner of `agents` read one more view of ours, on behalf of those who read his. */
  viewToSchemaOwner: (view: string): string => `DO $$ BEGIN
  EXECUTE format('GRANT SELECT ON ${view} TO %I', (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'agents'));
END $$`,
  toSchemaOwner: `DO $$ DECLARE owner constant name := (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'agents');
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA cfdi TO %I', owner);
  EXECUTE format('GRANT SELECT ON cfdi.comprobante_status, cfdi.issuers, cfdi.intentos TO %I', owner);
END $$`,
  toRoles: `DO $$ DECLARE
  owner constant name := (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'agents');
  self constant name := current_user;
BEGIN
  REVOKE ALL ON ALL FUNCTIONS IN SCHEMA cfdi FROM PUBLIC;
  IF to_regrole('${AGENT_ROLE}') IS NOT NULL THEN
    ${asOwner(`EXECUTE 'REVOKE ALL ON agents.comprobante_status, agents.issuers, agents.comprobante_attempts, agents.comprobante_history, agents.issuer_csds, agents.csd_mailbox FROM ${AGENT_ROLE}';`)}
  END IF;
  ${asOwner(
    'REVOKE ALL ON FUNCTION agents.submit_comprobante(jsonb, text), agents.retry_comprobante(uuid), agents.mend_comprobante(uuid, jsonb), agents.put_issuer_style(text, bytea, text, text), agents.pause_issuer(text, text), agents.resume_issuer(text), agents.put_issuer(text, text, text, text), agents.put_csd(text, text, bytea, bytea, timestamptz, timestamptz, bytea) FROM PUBLIC;',
  )}
  ${toRole(
    CLIENT_ROLE,
    ['USAGE ON SCHEMA cfdi', ...execute('cfdi', [SUBMIT])],
    ['SELECT ON agents.comprobante_status', ...execute('agents', [SUBMIT])],
  )}
  ${toRole(
    GATEWAY,
    ['USAGE ON SCHEMA cfdi', ...execute('cfdi', [SUBMIT, ...MEND, ...PAUSE, STYLE, ...ISSUERS])],
    [
      'SELECT ON agents.comprobante_status, agents.issuers, agents.comprobante_attempts, agents.comprobante_history, agents.issuer_csds, agents.csd_mailbox',
      ...execute('agents', [SUBMIT, ...MEND, ...PAUSE, STYLE, ...ISSUERS]),
    ],
  )}
END $$`,
};
