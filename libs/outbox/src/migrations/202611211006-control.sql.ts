import { FURTHEST, HOT } from './definer.ts';

/** What people and other agents may do to a job from outside: cancel, retry, hold, pause. */
export const control = `
CREATE FUNCTION agents.demand_control(kind text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM agents.demand(
    agents.is_operator() OR agents.may_act_for((SELECT k.agent FROM agents.kind k WHERE k.name = demand_control.kind)),
    'act on jobs of ' || kind);
END $$;

CREATE FUNCTION agents.finished_state(job uuid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT f.state::text FROM agents.job_finished f WHERE f.id = finished_state.job LIMIT 1
$$;

CREATE FUNCTION agents.cancel(job uuid) RETURNS text LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  j agents.job;
BEGIN
  -- Waits for a finish that is on its way; if that commits, it wins.
  SELECT * INTO j FROM agents.job x WHERE x.id = cancel.job FOR UPDATE;
  IF NOT FOUND THEN
    RETURN CASE WHEN agents.finished_state(cancel.job) IS NULL THEN 'unknown' ELSE 'finished' END;
  END IF;
  PERFORM agents.demand_control(j.kind);
  IF j.state = 'running' THEN
    UPDATE agents.job x SET cancel_requested_at = coalesce(x.cancel_requested_at, agents.now()) WHERE x.id = j.id;
    PERFORM pg_notify('agents_cancel', j.id::text);
    RETURN 'cancelling';
  ELSIF j.state = 'pending' AND j.intent IS NOT NULL THEN
    RETURN agents.end_cancelled(j, j.last_error); -- in doubt: an earlier attempt may have taken effect
  END IF;
  PERFORM agents.put_away(j.id, 'cancelled');
  RETURN 'cancelled';
END $$;

CREATE FUNCTION agents.retry_job(job uuid) RETURNS text LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  j agents.job;
BEGIN
  SELECT * INTO j FROM agents.job x WHERE x.id = retry_job.job FOR UPDATE;
  IF NOT FOUND THEN
    RETURN coalesce(agents.finished_state(retry_job.job), 'unknown');
  END IF;
  PERFORM agents.demand_control(j.kind);
  IF j.state = 'running' THEN
    RETURN 'running';
  END IF;
  -- An open intent stays: the handler asks first. Who died by losing its workers still runs alone.
  UPDATE agents.job x
     SET state = 'pending', run_at = least(x.run_at, agents.now()), wait = NULL, ended_at = NULL,
         attempts = CASE WHEN x.state = 'pending' THEN x.attempts ELSE 0 END, losses = 0
   WHERE x.id = j.id;
  PERFORM agents.notify_sleepers(k.name, k.number) FROM agents.kind k WHERE k.name = j.kind;
  RETURN 'pending';
END $$;

CREATE FUNCTION agents.retry_jobs(jobs uuid[]) RETURNS uuid[] LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  one uuid;
  back uuid[] := '{}';
BEGIN
  FOR one IN SELECT DISTINCT u.id FROM unnest(jobs) AS u (id) ORDER BY u.id LOOP
    IF agents.retry_job(one) = 'pending' THEN
      back := back || one;
    END IF;
  END LOOP;
  RETURN back;
END $$;

CREATE FUNCTION agents.hold(reason text, kind text DEFAULT NULL, organization uuid DEFAULT NULL,
                            scope text DEFAULT NULL, until timestamptz DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql ${HOT} AS $$
#variable_conflict use_column
DECLARE
  hold_id uuid;
  at constant timestamptz := agents.now();
BEGIN
  PERFORM agents.demand_hold(hold.kind);
  IF num_nonnulls(hold.kind, hold.organization, hold.scope) = 0 OR coalesce(hold.reason, '') = '' THEN
    RAISE EXCEPTION 'A hold needs a reason and at least one of kind, organization and scope.' USING ERRCODE = 'NX004';
  END IF;
  INSERT INTO agents.hold AS h (kind, organization, scope, until, reason, held_by, held_at)
  VALUES (hold.kind, hold.organization, hold.scope,
          CASE WHEN hold.until IS NOT NULL THEN least(hold.until, at + ${FURTHEST}) END, hold.reason, session_user, at)
  ON CONFLICT (coalesce(kind, ''), coalesce(organization, '00000000-0000-0000-0000-000000000000'), coalesce(scope, ''))
  DO UPDATE SET until = excluded.until, reason = excluded.reason, held_by = excluded.held_by, held_at = excluded.held_at
  RETURNING h.id INTO hold_id;
  PERFORM pg_notify('agents_control', 'hold');
  RETURN hold_id;
END $$;

CREATE FUNCTION agents.demand_hold(kind text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF kind IS NULL THEN
    PERFORM agents.demand(agents.is_operator(), 'hold what belongs to several agents');
  ELSE
    PERFORM agents.demand_control(kind);
  END IF;
END $$;

CREATE FUNCTION agents.unhold(kind text DEFAULT NULL, organization uuid DEFAULT NULL, scope text DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  released boolean;
BEGIN
  PERFORM agents.demand_hold(kind);
  DELETE FROM agents.hold h
   WHERE h.kind IS NOT DISTINCT FROM unhold.kind AND h.organization IS NOT DISTINCT FROM unhold.organization
     AND h.scope IS NOT DISTINCT FROM unhold.scope;
  released := FOUND;
  PERFORM pg_notify('agents_control', 'hold');
  RETURN released;
END $$;

CREATE FUNCTION agents.set_paused(agent text, paused boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM agents.demand(agents.is_operator() OR agents.may_act_for(agent), 'pause ' || agent);
  UPDATE agents.agent a SET paused = set_paused.paused WHERE a.name = set_paused.agent;
  IF NOT FOUND THEN
    RETURN 'unknown';
  END IF;
  PERFORM pg_notify('agents_control', 'pause');
  RETURN CASE WHEN paused THEN 'paused' ELSE 'resumed' END;
END $$;

CREATE FUNCTION agents.pause(agent text) RETURNS text LANGUAGE plpgsql ${HOT} AS $$
BEGIN
  RETURN agents.set_paused(agent, true);
END $$;

CREATE FUNCTION agents.resume(agent text) RETURNS text LANGUAGE plpgsql ${HOT} AS $$
BEGIN
  RETURN agents.set_paused(agent, false);
END $$;

-- Binds a client's login to its organization.
CREATE FUNCTION agents.set_client(login name, organization uuid) RETURNS void LANGUAGE plpgsql ${HOT} AS $$
#variable_conflict use_column
BEGIN
  PERFORM agents.demand(agents.is_owner(), 'bind a client to an organization');
  INSERT INTO agents.client (login, organization) VALUES (set_client.login, set_client.organization)
  ON CONFLICT (login) DO UPDATE SET organization = excluded.organization;
END $$;

-- The bell's flags: this session listens for these kinds and has nothing to do. Must run on the listener's own
-- connection; the flags vanish with it.
CREATE FUNCTION agents.sleep(kinds text[]) RETURNS void LANGUAGE plpgsql ${HOT} SET lock_timeout = '1s' AS $$
DECLARE
  number smallint;
BEGIN
  FOR number IN
    SELECT k.number FROM agents.kind k WHERE k.name = ANY (kinds) AND NOT agents.sleeps(k.number)
  LOOP
    PERFORM pg_advisory_lock_shared(1852993377, number);
  END LOOP;
END $$;

CREATE FUNCTION agents.wake(kinds text[]) RETURNS void LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  number smallint;
BEGIN
  FOR number IN
    SELECT k.number FROM agents.kind k WHERE k.name = ANY (kinds) AND agents.sleeps(k.number)
  LOOP
    PERFORM pg_advisory_unlock_shared(1852993377, number);
  END LOOP;
END $$;

CREATE FUNCTION agents.sleeps(number smallint) RETURNS boolean LANGUAGE sql VOLATILE AS $$
  SELECT EXISTS (SELECT FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.pid = pg_backend_pid() AND l.classid = 1852993377
      AND l.objid = number::integer::oid AND l.objsubid = 2 AND l.granted
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
$$;
`;
