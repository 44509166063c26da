import { HOT, notHeld } from './definer.ts';

/** Processes that work, and what becomes of their rows when they are lost. */
export const workers = `
-- Releases what a lost worker held. Whoever ran in company is only suspected: it runs alone from now on, and losses in
-- company count for nothing. Who is lost alone five times is dead, and has taken no neighbour along.
CREATE FUNCTION agents.release_lost(j agents.job) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  lost_alone constant integer := j.losses + j.alone::integer;
BEGIN
  IF j.cancel_requested_at IS NOT NULL THEN
    PERFORM agents.end_cancelled(j, '{"code": "agents.worker-lost"}');
  ELSIF agents.is_doubtful(j) THEN
    PERFORM agents.rest(j, 'lost', false, '{"code": "agents.in-doubt", "cause": "agents.worker-lost"}', 'in_doubt',
                        NULL);
  ELSIF lost_alone >= 5 THEN
    PERFORM agents.note_attempt(j, 'lost', false, '{"code": "agents.worker-lost"}');
    UPDATE agents.job x
       SET state = 'dead', worker = NULL, losses = lost_alone, ended_at = agents.now(),
           last_error = '{"code": "agents.worker-lost"}', progress = NULL, phrase = NULL
     WHERE x.id = j.id;
  ELSE
    PERFORM agents.note_attempt(j, 'lost', false, '{"code": "agents.worker-lost"}');
    UPDATE agents.job x
       SET state = 'pending', worker = NULL, alone = true, losses = lost_alone, progress = NULL, phrase = NULL
     WHERE x.id = j.id;
  END IF;
END $$;

CREATE FUNCTION agents.kinds_of(agent text) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT ARRAY(SELECT k.name::text FROM agents.kind k WHERE k.agent = kinds_of.agent)
$$;

-- Releases rows of an agent that run under workers which are lost or gone. A row that is locked at this moment is left
-- for the next time: a process that died in mid-transaction keeps its locks until Postgres notices, and must not keep
-- the other rows with them.
CREATE FUNCTION agents.release_orphans(agent text) RETURNS TABLE (incarnation uuid, released integer)
LANGUAGE plpgsql AS $$
DECLARE
  j agents.job;
  counts jsonb := '{}';
BEGIN
  FOR j IN
    SELECT x.* FROM agents.job x
     WHERE x.kind = ANY (agents.kinds_of(release_orphans.agent)) AND x.state = 'running' AND NOT EXISTS (
       SELECT FROM agents.worker w
        WHERE w.incarnation = x.worker AND w.lost_at IS NULL AND w.stopped_at IS NULL)
     ORDER BY x.id FOR UPDATE SKIP LOCKED
  LOOP
    PERFORM agents.release_lost(j);
    counts := counts || jsonb_build_object(j.worker, coalesce((counts->>j.worker::text)::integer, 0) + 1);
  END LOOP;
  RETURN QUERY SELECT c.key::uuid, c.value::integer FROM jsonb_each_text(counts) c;
END $$;

-- Marks a worker lost and releases its rows. The caller holds the worker's lock exclusively.
CREATE FUNCTION agents.lose(w agents.worker) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
  UPDATE agents.worker x SET lost_at = agents.now() WHERE x.incarnation = w.incarnation;
  RETURN (SELECT coalesce(sum(o.released) FILTER (WHERE o.incarnation = w.incarnation), 0)
            FROM agents.release_orphans(w.agent) o);
END $$;

CREATE FUNCTION agents.start_worker(
  agent text, instance text, incarnation uuid, about jsonb,
  OUT postmaster_start timestamptz, OUT lost_rows integer
) LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  former agents.worker;
BEGIN
  PERFORM agents.demand(agents.may_act_for(agent), 'work for ' || agent);
  IF NOT EXISTS (SELECT FROM agents.agent a WHERE a.name = start_worker.agent) THEN
    RAISE EXCEPTION 'The agent "%" has not been declared; declare it before it starts to work.', agent
      USING ERRCODE = 'NX004';
  END IF;
  lost_rows := 0;
  postmaster_start := pg_postmaster_start_time();
  -- Two starts under one name come one after the other; the later one wins.
  PERFORM pg_advisory_xact_lock(hashtextextended(agent || E'\\n' || instance, 1852993380));
  FOR former IN
    SELECT w.* FROM agents.worker w
     WHERE w.agent = start_worker.agent AND w.instance = start_worker.instance
       AND w.lost_at IS NULL AND w.stopped_at IS NULL
  LOOP
    IF former.incarnation = start_worker.incarnation AND former.login = session_user
       AND former.postmaster_start = start_worker.postmaster_start THEN
      RETURN; -- it has started, and never heard the answer
    END IF;
    PERFORM pg_advisory_xact_lock(1852993378, uuid_hash(former.incarnation));
    lost_rows := lost_rows + agents.lose(former);
  END LOOP;
  INSERT INTO agents.worker AS w (incarnation, agent, instance, login, about, started_at, beat_at, postmaster_start)
  VALUES (start_worker.incarnation, start_worker.agent, start_worker.instance, session_user,
          coalesce(start_worker.about, '{}'), agents.now(), agents.now(), start_worker.postmaster_start)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'The incarnation % has lived before.', start_worker.incarnation
      USING ERRCODE = 'NX021', HINT = 'Start under a new incarnation.';
  END IF;
END $$;

CREATE FUNCTION agents.beat(
  incarnation uuid, OUT known boolean, OUT postmaster_start timestamptz, OUT clock_offset_ms double precision,
  OUT clock_ok boolean, OUT paused boolean, OUT open_classes text[], OUT cancelled uuid[]
) LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  of_agent text;
  at constant timestamptz := agents.now();
  mark timestamptz;
BEGIN
  UPDATE agents.worker w SET counter = w.counter + 1, beat_at = at
   WHERE w.incarnation = beat.incarnation AND w.login = session_user AND w.lost_at IS NULL AND w.stopped_at IS NULL
  RETURNING w.agent INTO of_agent;
  known := FOUND;
  mark := agents.raise_mark(at);
  IF at < mark - interval '10 s' AND known THEN
    PERFORM agents.pull_in(of_agent);
  END IF;
  clock_ok := at >= mark - interval '2 min';
  postmaster_start := pg_postmaster_start_time();
  clock_offset_ms := (SELECT date_part('epoch', c.clock_offset) * 1000 FROM agents.clock c);
  paused := coalesce((SELECT a.paused FROM agents.agent a WHERE a.name = of_agent), false);
  open_classes := agents.open_classes();
  cancelled := ARRAY(
    SELECT j.id FROM agents.job j
     WHERE j.kind = ANY (agents.kinds_of(of_agent)) AND j.worker = beat.incarnation AND j.state = 'running'
       AND j.cancel_requested_at IS NOT NULL);
  PERFORM set_config('synchronous_commit', 'off', true);
END $$;

CREATE FUNCTION agents.stop_worker(incarnation uuid) RETURNS void LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  w agents.worker;
  j agents.job;
BEGIN
  SELECT * INTO w FROM agents.worker x
   WHERE x.incarnation = stop_worker.incarnation AND x.login = session_user AND x.lost_at IS NULL
     AND x.stopped_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(1852993378, uuid_hash(incarnation));
  UPDATE agents.worker x SET stopped_at = agents.now() WHERE x.incarnation = w.incarnation;
  FOR j IN
    SELECT x.* FROM agents.job x
     WHERE x.kind = ANY (agents.kinds_of(w.agent)) AND x.worker = w.incarnation AND x.state = 'running'
     ORDER BY x.id FOR UPDATE
  LOOP
    PERFORM agents.give_back(j, 'handed_back');
  END LOOP;
END $$;

CREATE FUNCTION agents.watch(agent text) RETURNS TABLE (incarnation uuid, counter bigint)
LANGUAGE plpgsql STABLE ${HOT} AS $$
BEGIN
  PERFORM agents.demand(agents.may_act_for(agent), 'watch the workers of ' || agent);
  RETURN QUERY SELECT w.incarnation, w.counter FROM agents.worker w
    WHERE w.agent = watch.agent AND w.lost_at IS NULL AND w.stopped_at IS NULL;
END $$;

-- NULL: it has moved after all, it claims at this very moment, or somebody was quicker.
CREATE FUNCTION agents.declare_lost(incarnation uuid, counter bigint) RETURNS integer
LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  w agents.worker;
BEGIN
  IF NOT pg_try_advisory_xact_lock(1852993378, uuid_hash(incarnation)) THEN
    RETURN NULL;
  END IF;
  SELECT * INTO w FROM agents.worker x
   WHERE x.incarnation = declare_lost.incarnation AND x.counter = declare_lost.counter
     AND x.lost_at IS NULL AND x.stopped_at IS NULL FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM agents.demand(agents.may_act_for(w.agent), 'declare a worker of ' || w.agent || ' lost');
  RETURN agents.lose(w);
END $$;

-- What was left over when workers were lost before: rows that were locked then.
CREATE FUNCTION agents.sweep(agent text) RETURNS TABLE (incarnation uuid, released integer)
LANGUAGE plpgsql ${HOT} AS $$
BEGIN
  PERFORM agents.demand(agents.may_act_for(agent), 'sweep for ' || agent);
  RETURN QUERY SELECT * FROM agents.release_orphans(agent);
END $$;

-- What the agents' own sweeps should have left right: rows that run without a live worker, and due rows of kinds with
-- a live worker that nobody took for a while.
CREATE FUNCTION agents.audit(unclaimed_after interval DEFAULT '5 min', OUT released integer, OUT unclaimed jsonb)
LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  at constant timestamptz := agents.now();
BEGIN
  PERFORM agents.demand_keeper('audit the ledger');
  SELECT coalesce(sum(o.released), 0) INTO audit.released
    FROM agents.agent a CROSS JOIN LATERAL agents.release_orphans(a.name) o;
  SELECT coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'rows', s.rows, 'oldestSeconds', s.age)), '[]')
    INTO unclaimed
    FROM (
      SELECT k.name AS kind, count(*) AS rows, date_part('epoch', at - min(x.run_at)) AS age
        FROM agents.kind k JOIN agents.agent a ON a.name = k.agent
        JOIN agents.job x ON x.kind = k.name
       WHERE x.state = 'pending' AND x.run_at <= at - unclaimed_after AND NOT a.paused
         AND (k.needs_internet IS NULL OR agents.is_class_open(k.needs_internet, at))
         AND ${notHeld('x')}
         AND EXISTS (SELECT FROM agents.worker w
                      WHERE w.agent = k.agent AND w.lost_at IS NULL AND w.stopped_at IS NULL
                        AND w.beat_at > at - interval '1 min')
       GROUP BY k.name) s;
END $$;
`;
