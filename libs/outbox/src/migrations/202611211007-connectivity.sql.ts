import { DEFINER, notHeld } from './definer.ts';

/** The gate for work that needs the Internet, and the order in which it opens after an outage. */
export const connectivity = `
CREATE FUNCTION agents.internet_classes() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT '{licence,stamping,notification,copy}'::text[]
$$;

-- How many classes, in their order, may be claimed. Nobody who waits for a silent sync agent is left waiting.
CREATE FUNCTION agents.open_stage(c agents.connectivity, at timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN c.checked_at IS NULL OR c.checked_at < at - interval '5 min' THEN 4
              WHEN c.state = 'offline' THEN 0
              ELSE c.stage END
$$;

CREATE FUNCTION agents.is_class_open(class text, at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN array_position(agents.internet_classes(), class)
         <= (SELECT agents.open_stage(c, at) FROM agents.connectivity c WHERE c.only_row);
END $$;

-- True when a class still has a due row that may be claimed.
CREATE FUNCTION agents.is_class_busy(class text, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM agents.kind k JOIN agents.agent a ON a.name = k.agent
     WHERE k.needs_internet = class AND NOT a.paused AND (NOT k.depends_on_time OR agents.clock_ok()) AND EXISTS (
       SELECT FROM agents.job j
        WHERE j.kind = k.name AND j.alone = ANY ('{false,true}'::boolean[])
          AND j.priority = ANY ('{0,1,2,3}'::smallint[]) AND j.state = 'pending' AND j.run_at <= at
          AND ${notHeld('j')}))
$$;

-- Answers which classes are open, and opens the next ones whose turn it is.
CREATE FUNCTION agents.open_classes() RETURNS text[] LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  c     agents.connectivity;
  at    constant timestamptz := agents.now();
  stage integer;
BEGIN
  SELECT * INTO c FROM agents.connectivity x WHERE x.only_row;
  stage := agents.open_stage(c, at);
  IF stage BETWEEN 1 AND 3 THEN
    -- Who finds it locked lets the other do it.
    SELECT * INTO c FROM agents.connectivity x WHERE x.only_row FOR UPDATE SKIP LOCKED;
    IF FOUND AND agents.open_stage(c, at) BETWEEN 1 AND 3 THEN
      stage := agents.open_next(c, at);
    END IF;
  END IF;
  RETURN (agents.internet_classes())[1 : stage];
END $$;

CREATE FUNCTION agents.open_next(c agents.connectivity, at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  open_now smallint := c.stage;
  opened_at timestamptz := c.stage_since;
BEGIN
  WHILE open_now < 4 AND (opened_at <= at - interval '10 min'
                       OR NOT agents.is_class_busy((agents.internet_classes())[open_now], at)) LOOP
    open_now := open_now + 1;
    opened_at := at;
  END LOOP;
  IF open_now <> c.stage THEN
    UPDATE agents.connectivity x SET stage = open_now, stage_since = opened_at;
    PERFORM pg_notify('agents_control', 'connectivity');
  END IF;
  RETURN open_now;
END $$;

CREATE FUNCTION agents.report_connectivity(
  state text, latency_ms integer DEFAULT NULL, error text DEFAULT NULL, outside_time timestamptz DEFAULT NULL
) RETURNS boolean LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  c  agents.connectivity;
  at constant timestamptz := agents.now();
BEGIN
  PERFORM agents.demand(agents.may_act_for('sync'), 'report on the line to the Internet');
  IF state IS NULL OR state NOT IN ('online', 'degraded', 'offline') THEN
    RAISE EXCEPTION 'There is no state "%" of the line; use online, degraded or offline.', state
      USING ERRCODE = 'NX004';
  END IF;
  SELECT * INTO c FROM agents.connectivity x WHERE x.only_row FOR UPDATE;
  UPDATE agents.connectivity x
     SET state = report_connectivity.state, checked_at = at, latency_ms = report_connectivity.latency_ms,
         last_error = CASE WHEN report_connectivity.state = 'online' THEN x.last_error
                           ELSE report_connectivity.error END,
         since = CASE WHEN x.state = report_connectivity.state THEN x.since ELSE at END,
         stage = CASE WHEN c.state = 'offline' AND report_connectivity.state <> 'offline' THEN 1 ELSE x.stage END,
         stage_since = CASE WHEN c.state = 'offline' AND report_connectivity.state <> 'offline' THEN at
                            ELSE x.stage_since END;
  -- A wrong clock once raised the high-water mark into the future; the outside says that the present time is right.
  IF abs(date_part('epoch', outside_time - at)) < 120
     AND (SELECT m.mark > at + interval '2 min' FROM agents.clock_mark m) THEN
    PERFORM agents.trust_clock();
    PERFORM pg_notify('agents_control', 'clock');
  END IF;
  IF c.state <> state THEN
    PERFORM agents.open_classes();
    PERFORM pg_notify('agents_control', 'connectivity');
  END IF;
  RETURN c.state <> state;
END $$;

CREATE FUNCTION agents.hint(host text) RETURNS void LANGUAGE plpgsql ${DEFINER} AS $$
BEGIN
  PERFORM pg_notify('agents_hint', left(coalesce(host, ''), 250));
END $$;
`;
