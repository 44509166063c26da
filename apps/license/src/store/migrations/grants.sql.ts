import { AGENT_ROLE, loginOf } from '@nexora/database';

const GATEWAY = loginOf('gateway');

/** Who may do what in this room. A login that may not create roles shares one with all: then there is none to grant to. */
export const grants = {
  toSchemaOwner: `DO $$ DECLARE owner constant name := (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'agents');
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA license TO %I', owner);
  EXECUTE format('GRANT SELECT ON license.answered TO %I', owner);
END $$`,
  toRoles: `DO $$ DECLARE
  owner constant name := (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'agents');
  self constant name := current_user;
BEGIN
  REVOKE ALL ON ALL FUNCTIONS IN SCHEMA license FROM PUBLIC;
  EXECUTE format('SET LOCAL ROLE %I', owner);
  REVOKE ALL ON FUNCTION agents.license_request() FROM PUBLIC;
  IF to_regrole('${AGENT_ROLE}') IS NOT NULL THEN
    GRANT SELECT ON agents.license_state TO ${AGENT_ROLE};
  END IF;
  IF to_regrole('${GATEWAY}') IS NOT NULL THEN
    GRANT EXECUTE ON FUNCTION agents.license_request() TO ${GATEWAY};
  END IF;
  IF to_regrole('${loginOf('license')}') IS NOT NULL THEN
    GRANT EXECUTE ON FUNCTION agents.license_request() TO ${loginOf('license')};
  END IF;
  EXECUTE format('SET LOCAL ROLE %I', self);
  IF to_regrole('${GATEWAY}') IS NOT NULL THEN
    GRANT USAGE ON SCHEMA license TO ${GATEWAY};
    GRANT EXECUTE ON FUNCTION license.request() TO ${GATEWAY};
  END IF;
END $$`,
};
