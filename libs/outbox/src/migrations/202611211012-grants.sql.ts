/** Who may call what. Roles may come after the migration, so this is a function that can be repeated. */
export const grants = `
CREATE FUNCTION agents.grant_to(role text, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regrole(role) IS NOT NULL THEN
    EXECUTE format('GRANT %s TO %I', what, role);
  END IF;
END $$;

-- Grants to the groups of the house, as far as they exist. Nobody else may call anything.
CREATE FUNCTION agents.apply_grants() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  f record;
  v record;
BEGIN
  FOR f IN
    SELECT p.oid::regprocedure::text AS signature, p.proname AS name, p.prosecdef AS definer FROM pg_proc p
     WHERE p.pronamespace = 'agents'::regnamespace AND p.prokind = 'f' AND pg_get_userbyid(p.proowner) = current_user
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f.signature);
    IF f.name = ANY ('{now,clock_ok,enqueue,shown,priority_name}') THEN
      PERFORM agents.grant_to('agents_client', 'EXECUTE ON FUNCTION ' || f.signature);
    END IF;
    IF f.name = ANY ('{now,set_clock}') THEN
      PERFORM agents.grant_to('nexora_clock', 'EXECUTE ON FUNCTION ' || f.signature);
    END IF;
    -- What runs with the owner's rights judges its caller itself; the rest is for these functions' own use.
    IF f.definer OR f.name = ANY ('{shown,priority_name,internet_classes,open_stage}') THEN
      PERFORM agents.grant_to('nexora_agent', 'EXECUTE ON FUNCTION ' || f.signature);
    END IF;
  END LOOP;
  -- By name: apps put views of their own into this schema, and grant them themselves.
  FOR v IN SELECT unnest('{job_listing,job_status,attempts,job_logs,intents,kinds,schedules,schedule_slots,
                           connectivity_state,clock_state,holds,alive,schedule_successes}'::text[]) AS name LOOP
    PERFORM agents.grant_to('nexora_agent', format('SELECT ON agents.%I', v.name));
  END LOOP;
  PERFORM agents.grant_to('agents_client', 'SELECT ON agents.job_status');
  PERFORM agents.grant_to(r, 'USAGE ON SCHEMA agents')
     FROM unnest('{nexora_agent,agents_client,nexora_clock}'::text[]) r;
END $$;
`;
