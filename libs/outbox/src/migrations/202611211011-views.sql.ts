import { DEFINER } from './definer.ts';

const kindOf = 'JOIN agents.kind k ON k.name = j.kind';

/** What others may read. No payload but its shown keys, no table. */
export const views = `
CREATE FUNCTION agents.shown(payload jsonb, keys text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN jsonb_typeof(payload) = 'object' THEN
    coalesce((SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(payload) e WHERE e.key = ANY (keys)), '{}')
  ELSE '{}' END
$$;

CREATE VIEW agents.job_listing AS
SELECT j.id, k.agent::text, j.kind::text, j.organization, agents.priority_name(j.priority) AS priority, j.state::text,
       j.attempts, j.losses::integer, j.dispatch, j.dedupe_key::text, j.order_key::text, j.scope::text, j.run_at,
       j.created_at, j.claimed_at AS started_at,
       CASE WHEN j.state IN ('dead', 'in_doubt') THEN j.ended_at END AS finished_at, w.instance,
       j.cancel_requested_at IS NOT NULL AS cancel_requested, j.progress::double precision AS progress_fraction,
       j.phrase AS progress_phrase, j.last_error, NULL::jsonb AS result,
       agents.shown(j.payload, k.shown) AS payload, j.traceparent, j.slot, j.intent - 'dispatch' AS intent, j.alone
  FROM agents.job j ${kindOf} LEFT JOIN agents.worker w ON w.incarnation = j.worker
UNION ALL
SELECT j.id, k.agent::text, j.kind::text, j.organization, agents.priority_name(j.priority), j.state::text,
       j.attempts, j.losses::integer, j.dispatch, j.dedupe_key::text, j.order_key::text, j.scope::text, j.run_at,
       j.created_at, j.claimed_at, j.finished_at, NULL, false, NULL, NULL, j.last_error, j.result,
       agents.shown(j.payload, k.shown), j.traceparent, j.slot, j.intent - 'dispatch', false
  FROM agents.job_finished j ${kindOf};

-- One page of the listing, newest first. Ids are found by index in each table before anything else of a row is read,
-- so a page costs the same over fifty million jobs. q: exactly an id, a dedupe key, an order key, a scope or a code of
-- an error. By q or code, only the newest 20,000 finished jobs of each kind are looked through.
CREATE FUNCTION agents.list_jobs(
  state text DEFAULT NULL, agent text DEFAULT NULL, kind text DEFAULT NULL, error_code text DEFAULT NULL,
  q text DEFAULT NULL, before uuid DEFAULT NULL, n integer DEFAULT 50
) RETURNS SETOF agents.job_listing LANGUAGE plpgsql STABLE ${DEFINER} AS $$
DECLARE
  wanted constant text :=
    CASE WHEN state IS NULL THEN '' ELSE format(' AND j.state = %L::agents.job_state', state) END
    || CASE WHEN before IS NULL THEN '' ELSE format(' AND j.id < %L', before) END;
  sought constant text :=
    CASE WHEN error_code IS NULL THEN '' ELSE format(' AND j.last_error->>''code'' = %L', error_code) END
    || CASE WHEN q IS NULL THEN '' ELSE
         format(' AND %L IN (j.id::text, j.dedupe_key, j.order_key, j.scope, j.last_error->>''code'')', q) END;
  depth constant text := CASE WHEN sought = '' THEN 'ALL' ELSE '20000' END;
  k    agents.kind;
  ids  uuid[] := '{}';
  found_ids uuid[];
BEGIN
  IF state <> ALL (enum_range(NULL::agents.job_state)::text[]) THEN
    RAISE EXCEPTION 'There is no state "%".', state USING ERRCODE = 'NX004';
  END IF;
  n := least(greatest(n, 0), 1000);
  FOR k IN
    SELECT * FROM agents.kind c WHERE (list_jobs.agent IS NULL OR c.agent = list_jobs.agent)
                                  AND (list_jobs.kind IS NULL OR c.name = list_jobs.kind)
  LOOP
    EXECUTE format('SELECT ARRAY(SELECT j.id FROM agents.job j WHERE j.kind = %L %s %s ORDER BY j.id DESC LIMIT %s)',
                   k.name, wanted, sought, n) INTO found_ids;
    ids := ids || found_ids;
    CONTINUE WHEN state NOT IN ('done', 'cancelled');
    EXECUTE format('SELECT ARRAY(SELECT j.id FROM (SELECT * FROM agents.job_finished j WHERE j.kind = %L %s '
                   'ORDER BY j.id DESC LIMIT %s) j WHERE true %s ORDER BY j.id DESC LIMIT %s)',
                   k.name, wanted, depth, sought, n) INTO found_ids;
    ids := ids || found_ids;
  END LOOP;
  ids := ARRAY(SELECT DISTINCT u.id FROM unnest(ids) AS u (id) ORDER BY u.id DESC LIMIT n);
  IF q ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
    ids := ARRAY[q::uuid];
  END IF;
  RETURN QUERY SELECT l.* FROM agents.job_listing l
                WHERE l.id = ANY (ids) AND (list_jobs.state IS NULL OR l.state = list_jobs.state)
                  AND (list_jobs.agent IS NULL OR l.agent = list_jobs.agent)
                  AND (list_jobs.kind IS NULL OR l.kind = list_jobs.kind)
                ORDER BY l.id DESC;
END $$;

-- For the business application: how far its jobs are. Of another organization's it sees nothing.
CREATE VIEW agents.job_status AS
SELECT l.id, l.kind, l.organization, l.priority, l.state, l.attempts, l.created_at, l.run_at, l.started_at,
       l.finished_at, l.progress_fraction, l.progress_phrase, l.last_error AS error, l.result
  FROM agents.job_listing l
 WHERE NOT EXISTS (SELECT FROM agents.client c
                    WHERE c.login = session_user AND c.organization IS DISTINCT FROM l.organization);

CREATE VIEW agents.attempts AS
SELECT a.job, a.dispatch AS number, a.instance, a.started_at, a.ended_at, a.outcome, a.counted, a.error, a.intent
  FROM agents.attempt a
UNION ALL
SELECT f.id, f.dispatch, w.instance, f.claimed_at, f.finished_at, 'done', true, NULL, f.intent
  FROM agents.job_finished f LEFT JOIN agents.worker w ON w.incarnation = f.worker
 WHERE f.state = 'done';

CREATE VIEW agents.job_logs AS
SELECT l.job, l.at, l.dispatch, l.level, l.line, l.fields FROM agents.job_log l;

CREATE VIEW agents.intents AS
SELECT i.job, i.dispatch, i.key, i.request_hash, i.since, i.settled_at, i.outcome FROM agents.intent i;

CREATE VIEW agents.kinds AS
SELECT k.name::text, k.name::text AS kind, k.agent::text, k.needs_internet, k.delivery, k.ordered, k.enqueuers, k.shown,
       k.depends_on_time, l.total, l.rate_count, l.rate_per
  FROM agents.kind k LEFT JOIN agents.kind_limit l ON l.kind = k.name
 WHERE k.retired_at IS NULL;

CREATE VIEW agents.schedules AS
SELECT s.name::text, s.agent::text, s.kind::text, s.description,
       coalesce(s.cron, 'every ' || s.every::text) AS rule, s.cron, s.every, s.zone, s.catch_up, s.paused, s.last_slot,
       s.last_run_at, s.last_job, l.state AS last_state, l.finished_at AS last_finished_at, s.next_slot AS next_run_at,
       s.missed
  FROM agents.schedule s LEFT JOIN LATERAL (
    SELECT j.state::text, j.ended_at AS finished_at FROM agents.job j WHERE j.id = s.last_job
    UNION ALL
    SELECT f.state::text, f.finished_at FROM agents.job_finished f WHERE f.id = s.last_job
    LIMIT 1) l ON true
 WHERE s.retired_at IS NULL;

CREATE VIEW agents.schedule_slots AS
SELECT x.schedule::text, x.slot, x.job, x.fired_at, x.manual FROM agents.schedule_slot x;

CREATE VIEW agents.connectivity_state AS
SELECT c.state, c.since, c.latency_ms, c.last_error, c.checked_at,
       (agents.internet_classes())[1 : agents.open_stage(c, agents.now())] AS open_classes
  FROM agents.connectivity c;

CREATE VIEW agents.clock_state AS
SELECT agents.now() AS now, c.clock_offset, m.mark AS high_water_mark, agents.clock_ok() AS ok
  FROM agents.clock c, agents.clock_mark m;

CREATE VIEW agents.holds AS
SELECT h.id, h.kind::text, h.organization, h.scope::text, h.until, h.reason, h.held_by, h.held_at
  FROM agents.hold h WHERE h.until IS NULL OR h.until > agents.now();

-- One row per agent and live or lately seen process; an agent without any has one row without an instance. Silent is
-- who has not beaten for 30 s and was not declared lost: nobody sweeps an agent's only process.
CREATE VIEW agents.alive AS
SELECT a.name::text AS agent, a.version, w.instance, w.incarnation, w.started_at, w.beat_at AS last_beat_at, w.about,
       CASE WHEN w.incarnation IS NULL THEN NULL WHEN w.lost_at IS NOT NULL THEN 'lost'
            WHEN w.stopped_at IS NOT NULL THEN 'stopped'
            WHEN w.beat_at < agents.now() - interval '30 s' THEN 'silent' ELSE 'live' END AS state, a.paused
  FROM agents.agent a LEFT JOIN LATERAL (
    SELECT DISTINCT ON (x.instance) x.* FROM agents.worker x
     WHERE x.agent = a.name ORDER BY x.instance, x.started_at DESC) w ON true;

CREATE FUNCTION agents.queues() RETURNS TABLE (
  agent text, priority text, pending bigint, due bigint, running bigint, in_doubt bigint, done_last_hour bigint,
  dead bigint, oldest timestamptz
) LANGUAGE sql STABLE ${DEFINER} AS $$
  WITH hot AS (
    SELECT k.agent, j.priority,
           count(*) FILTER (WHERE j.state = 'pending') AS pending,
           count(*) FILTER (WHERE j.state = 'pending' AND j.run_at <= agents.now()) AS due,
           count(*) FILTER (WHERE j.state = 'running') AS running,
           count(*) FILTER (WHERE j.state = 'in_doubt') AS in_doubt,
           count(*) FILTER (WHERE j.state = 'dead') AS dead,
           min(j.run_at) FILTER (WHERE j.state = 'pending' AND j.run_at <= agents.now()) AS oldest
      FROM agents.job j ${kindOf} GROUP BY k.agent, j.priority),
  finished AS (
    SELECT k.agent, j.priority, count(*) AS done FROM agents.job_finished j ${kindOf}
     WHERE j.finished_at > agents.now() - interval '1 hour' AND j.state = 'done' GROUP BY k.agent, j.priority)
  SELECT a.name::text, agents.priority_name(p.rank::smallint), coalesce(h.pending, 0), coalesce(h.due, 0),
         coalesce(h.running, 0), coalesce(h.in_doubt, 0), coalesce(f.done, 0), coalesce(h.dead, 0), h.oldest
    FROM agents.agent a CROSS JOIN generate_series(0, 3) AS p (rank)
    LEFT JOIN hot h ON h.agent = a.name AND h.priority = p.rank
    LEFT JOIN finished f ON f.agent = a.name AND f.priority = p.rank
   ORDER BY a.name, p.rank
$$;

-- Backlog of one agent's kinds by state, for its metrics.
CREATE FUNCTION agents.backlog(agent text)
RETURNS TABLE (kind text, state text, jobs bigint, oldest_seconds double precision)
LANGUAGE plpgsql STABLE ${DEFINER} AS $$
BEGIN
  PERFORM agents.demand(agents.may_act_for(agent) OR agents.is_operator(), 'read the backlog of ' || agent);
  RETURN QUERY
    SELECT j.kind::text, j.state::text, count(*),
           greatest(0, date_part('epoch', agents.now() - min(j.run_at)))
      FROM agents.job j WHERE j.kind = ANY (agents.kinds_of(backlog.agent)) GROUP BY j.kind, j.state;
END $$;
`;
