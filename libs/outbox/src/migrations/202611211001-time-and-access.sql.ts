import { DEFINER, NOW } from './definer.ts';

/** The house's time, and who may do what. */
export const timeAndAccess = `
-- The only time there is. The pinned path costs 3 us and saves 30: a function without one is planned anew whenever it
-- is called under another search path than the last time.
CREATE FUNCTION agents.now() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE ${DEFINER} AS $$
BEGIN
  RETURN ${NOW};
END $$;

-- False while the clock is behind what it has shown before.
CREATE FUNCTION agents.clock_ok() RETURNS boolean LANGUAGE plpgsql STABLE ${DEFINER} AS $$
BEGIN
  RETURN agents.now() >= (SELECT m.mark FROM agents.clock_mark m WHERE m.only_row) - interval '2 min';
END $$;

-- A UUID of version 7: 48 bits of milliseconds, 12 bits of their fraction, 62 random ones.
CREATE FUNCTION agents.new_id(at timestamptz) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  micros bigint := (date_part('epoch', at) * 1000000)::bigint;
BEGIN
  RETURN encode(overlay(uuid_send(gen_random_uuid()) PLACING int8send(
    ((micros / 1000) << 16) | 28672 | ((micros % 1000) * 4095 / 999)) FROM 1 FOR 8), 'hex')::uuid;
END $$;

-- The role that owns the ledger: where roles cannot be created, the one login that all share.
CREATE FUNCTION agents.is_owner() RETURNS boolean LANGUAGE plpgsql STABLE ${DEFINER} AS $$
BEGIN
  RETURN pg_has_role(session_user, (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'agents'), 'MEMBER');
END $$;

-- True when the caller's login belongs to the role, which need not exist.
CREATE FUNCTION agents.belongs_to(role text) RETURNS boolean LANGUAGE plpgsql STABLE ${DEFINER} AS $$
BEGIN
  RETURN coalesce(pg_has_role(session_user, to_regrole(quote_ident(role)), 'MEMBER'), false);
END $$;

-- The login by which an app comes: nexora_<app>; the admin gateway is the gateway.
CREATE FUNCTION agents.login_of(app text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT 'nexora_' || replace(regexp_replace(app, '^admin-', ''), '-', '_')
$$;

CREATE FUNCTION agents.may_act_for(agent text) RETURNS boolean LANGUAGE plpgsql STABLE ${DEFINER} AS $$
BEGIN
  RETURN session_user = agents.login_of(agent) OR agents.is_owner() OR agents.belongs_to(agents.login_of(agent));
END $$;

-- The gateway acts for the people who look after the house.
CREATE FUNCTION agents.is_operator() RETURNS boolean LANGUAGE plpgsql STABLE ${DEFINER} AS $$
BEGIN
  RETURN agents.is_owner() OR agents.belongs_to('nexora_gateway');
END $$;

CREATE FUNCTION agents.demand(allowed boolean, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF allowed IS NOT TRUE THEN
    RAISE EXCEPTION 'The login % may not %.', session_user, what USING ERRCODE = 'NX003',
      HINT = 'Use the login of the agent that owns it, or name the caller in the enqueuers of the kind.';
  END IF;
END $$;

CREATE FUNCTION agents.set_clock(clock_offset interval) RETURNS void LANGUAGE plpgsql ${DEFINER} AS $$
BEGIN
  PERFORM agents.demand(agents.is_owner() OR agents.belongs_to('nexora_clock'), 'move the clock');
  -- Processes that live have beaten by the new time as lately as by the old one.
  UPDATE agents.worker w
     SET beat_at = w.beat_at + (coalesce(set_clock.clock_offset, '0') - (SELECT c.clock_offset FROM agents.clock c))
   WHERE w.lost_at IS NULL AND w.stopped_at IS NULL;
  UPDATE agents.clock c SET clock_offset = coalesce(set_clock.clock_offset, '0');
  IF set_clock.clock_offset IS NULL THEN
    PERFORM agents.trust_clock();
  END IF;
  PERFORM pg_notify('agents_control', 'clock');
END $$;

-- From here on the present time is right, whatever was shown before.
CREATE FUNCTION agents.trust_clock() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- Not agents.now(): its statement began before the offset moved, which is the same, but its row is this one's.
  UPDATE agents.clock_mark m SET mark = statement_timestamp() + (SELECT c.clock_offset FROM agents.clock c);
  PERFORM agents.pull_in(NULL);
END $$;

-- After a step back: a policy never asked for a longer wait than the row's own, so none lasts longer from now. What was
-- due when it was handed over, in what is the future again, is due now; a slot keeps its distance. A time that the
-- caller chose stays.
CREATE FUNCTION agents.pull_in(of_agent text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  at constant timestamptz := agents.now();
  pulled integer;
BEGIN
  UPDATE agents.job j
     SET run_at = at + coalesce(j.wait, greatest('0', j.run_at - j.created_at)), created_at = least(j.created_at, at)
   WHERE j.kind IN (SELECT k.name FROM agents.kind k WHERE of_agent IS NULL OR k.agent = of_agent)
     AND j.state = 'pending' AND j.run_at > at + coalesce(j.wait, '0') + interval '1 s'
     AND (j.wait IS NOT NULL
          OR (j.created_at > at + interval '1 s' AND (j.run_at <= j.created_at OR j.slot IS NOT NULL)));
  GET DIAGNOSTICS pulled = ROW_COUNT;
  PERFORM agents.pull_in_house(at);
  RETURN pulled;
END $$;

-- The same for what concerns no single job. A hold keeps its length.
CREATE FUNCTION agents.pull_in_house(at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  future constant timestamptz := at + interval '1 s';
BEGIN
  UPDATE agents.hold h SET until = at + (h.until - h.held_at), held_at = at WHERE h.held_at > future;
  UPDATE agents.schedule s SET resumed_at = at WHERE s.resumed_at > future;
  UPDATE agents.connectivity c
     SET since = CASE WHEN c.since > at THEN at ELSE c.since END,
         checked_at = CASE WHEN c.checked_at > at THEN at ELSE c.checked_at END,
         stage_since = CASE WHEN c.stage_since > at THEN at ELSE c.stage_since END
   WHERE greatest(c.since, c.checked_at, c.stage_since) > future;
  UPDATE agents.kind_limit x
     SET spent_at = ARRAY(SELECT least(u.ended_at, at) FROM unnest(x.spent_at) WITH ORDINALITY AS u (ended_at, place)
                           ORDER BY u.place)
   WHERE future + x.rate_per / 64 < ANY (x.spent_at);
END $$;

-- Raises the high-water mark, at most every few seconds and never waiting for another process that does the same.
CREATE FUNCTION agents.raise_mark(at timestamptz) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  seen timestamptz;
BEGIN
  SELECT m.mark INTO seen FROM agents.clock_mark m WHERE m.only_row;
  IF seen < at - interval '3 s' THEN
    PERFORM FROM agents.clock_mark m WHERE m.only_row FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
      UPDATE agents.clock_mark m SET mark = at WHERE m.mark < at;
    END IF;
  END IF;
  RETURN seen;
END $$;
`;
