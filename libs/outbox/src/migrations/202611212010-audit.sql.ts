import { noOlder } from './202611211003-claim.sql.ts';
import { enqueue } from './202611211002-enqueue.sql.ts';
import { lineReturns } from './202611211510-line-returns.sql.ts';
import { IS_LIMITED } from './202611212000-license.sql.ts';
import { DEFINER, HOT, notHeld } from './definer.ts';
import { revised } from './revised.ts';

/** Planned anew at each call, by what is in the tables then: called every few minutes at most, over all rows. */
const WHOLE = `${HOT} SET plan_cache_mode = force_custom_plan`;

/** True when the licence lets the row `j` of a kind through. */
const hasIntentOrLicense = (kind: string) => `(NOT (${kind}.needs_license AND ${IS_LIMITED}) OR j.intent IS NOT NULL)`;

/** True when the kind `k` of the agent `a` may work now: neither paused nor stopped by a wrong clock. */
const works = `NOT a.paused AND (NOT k.depends_on_time OR agents.clock_ok())`;

/** What the audit of the ledger finds and mends, and how far a drain after an outage is. */
export const audit = `
ALTER TABLE agents.connectivity ADD returned_at timestamptz;
COMMENT ON COLUMN agents.connectivity.returned_at IS 'When the line last came back; NULL: it was never away.';

${revised(lineReturns, 'line_returned', [['BEGIN\n', 'BEGIN\n  UPDATE agents.connectivity c SET returned_at = at;\n']])}

-- How far the work of each class is since the line came back, in the order of release. waiting: all pending rows. due:
-- those that may be claimed once the class is open. done: ended well since the line came back, at most of the last day.
-- The rate is that of the last minute; the estimate is NULL while the class is closed or nothing ends.
CREATE FUNCTION agents.drain_progress() RETURNS TABLE (
  class text, open boolean, waiting bigint, due bigint, done bigint, rate_per_minute double precision,
  estimated_seconds double precision
) LANGUAGE plpgsql ${WHOLE} AS $$
DECLARE
  c       agents.connectivity;
  at      constant timestamptz := agents.now();
  since   timestamptz;
  lately  timestamptz;
  minutes double precision;
BEGIN
  SELECT * INTO c FROM agents.connectivity x WHERE x.only_row;
  since := greatest(coalesce(c.returned_at, at), at - interval '1 day');
  lately := greatest(since, at - interval '1 min');
  minutes := greatest(date_part('epoch', at - lately), 1) / 60;
  RETURN QUERY
    WITH finished AS (
      SELECT k.needs_internet, count(*) AS done, count(*) FILTER (WHERE f.finished_at > lately) / minutes AS rate
        FROM agents.job_finished f JOIN agents.kind k ON k.name = f.kind
       WHERE f.finished_at >= since AND f.state = 'done' AND k.needs_internet IS NOT NULL
       GROUP BY k.needs_internet),
    -- Asked once and not of each row.
    gate AS MATERIALIZED (
      SELECT k.*, ${works} AS works, EXISTS (SELECT FROM agents.hold) AS holds
        FROM agents.kind k JOIN agents.agent a ON a.name = k.agent WHERE k.needs_internet IS NOT NULL),
    pending AS (
      SELECT k.needs_internet, sum(p.waiting)::bigint AS waiting, sum(p.due)::bigint AS due
        FROM gate k CROSS JOIN LATERAL (
          SELECT count(*) AS waiting,
                 count(*) FILTER (WHERE k.works AND j.run_at <= at AND ${hasIntentOrLicense('k')}
                                    AND (NOT k.holds OR ${notHeld('j')})) AS due
            FROM agents.job j WHERE j.kind = k.name AND j.state = 'pending') p
       GROUP BY k.needs_internet)
    SELECT n.class, n.place <= agents.open_stage(c, at), coalesce(p.waiting, 0), coalesce(p.due, 0), coalesce(f.done, 0),
           coalesce(f.rate, 0),
           CASE WHEN coalesce(p.due, 0) = 0 THEN 0
                WHEN n.place <= agents.open_stage(c, at) THEN p.due / nullif(f.rate, 0) * 60 END
      FROM unnest(agents.internet_classes()) WITH ORDINALITY AS n (class, place)
      LEFT JOIN pending p ON p.needs_internet = n.class
      LEFT JOIN finished f ON f.needs_internet = n.class
     ORDER BY n.place;
END $$;

-- Functions by which agents give a job to what lies in their own tables and has none.
CREATE TABLE agents.reconciler (
  agent      text COLLATE "C" PRIMARY KEY,
  fn         text NOT NULL,
  working_in xid8
);
COMMENT ON COLUMN agents.reconciler.working_in IS
  'Transaction of the audit that is calling it: nobody else ever sees a value here.';

-- fn: without arguments, answers how many rows it mended. It runs with its owner's rights, since the audit is the sync
-- agent's; while it does, it may hand over jobs of its own agent.
CREATE FUNCTION agents.register_reconciler(agent text, fn regprocedure) RETURNS void LANGUAGE plpgsql ${DEFINER} AS $$
#variable_conflict use_column
DECLARE
  p record;
BEGIN
  PERFORM agents.demand(agents.may_act_for(agent), 'reconcile for ' || agent);
  SELECT x.*, format('%I.%I', n.nspname, x.proname) AS called INTO p
    FROM pg_proc x JOIN pg_namespace n ON n.oid = x.pronamespace WHERE x.oid = register_reconciler.fn;
  IF p.oid IS NULL OR p.pronargs <> p.pronargdefaults OR p.proretset OR NOT p.prosecdef
     OR p.prorettype NOT IN ('integer'::regtype, 'bigint'::regtype)
     OR NOT (pg_get_userbyid(p.proowner) = agents.login_of(agent) OR p.proowner = current_user::regrole) THEN
    RAISE EXCEPTION 'A reconciler of % is a SECURITY DEFINER function of its own login that needs no argument and '
                    'answers the number of rows that it mended.', agent USING ERRCODE = 'NX004';
  END IF;
  INSERT INTO agents.reconciler (agent, fn) VALUES (register_reconciler.agent, p.called)
  ON CONFLICT (agent) DO UPDATE SET fn = excluded.fn;
END $$;

-- True while the audit of this very transaction calls the agent's reconciler.
CREATE FUNCTION agents.reconciles(agent text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM agents.reconciler r
                  WHERE r.agent = reconciles.agent AND r.working_in = pg_current_xact_id_if_assigned())
$$;

${revised(enqueue, 'demand_enqueuer', [['  IF agents.may_act_for(k.agent)\n', '  IF agents.may_act_for(k.agent) OR agents.reconciles(k.agent)\n']])}

-- Calls every reconciler; one that fails is told and stops no other.
CREATE FUNCTION agents.reconcile() RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  r       agents.reconciler;
  mended  bigint;
  adopted jsonb := '[]';
BEGIN
  FOR r IN SELECT * FROM agents.reconciler x ORDER BY x.agent FOR UPDATE LOOP
    BEGIN
      UPDATE agents.reconciler x SET working_in = pg_current_xact_id() WHERE x.agent = r.agent;
      EXECUTE format('SELECT %s()', r.fn) INTO mended;
      UPDATE agents.reconciler x SET working_in = NULL WHERE x.agent = r.agent;
      IF mended > 0 THEN
        adopted := adopted || jsonb_build_object('agent', r.agent, 'rows', mended);
      END IF;
    EXCEPTION WHEN OTHERS THEN
      adopted := adopted || jsonb_build_object('agent', r.agent, 'rows', 0, 'error', left(SQLERRM, 500));
    END;
  END LOOP;
  RETURN adopted;
END $$;

-- Slots of a kind over all live processes that take work and have had time to; a process that tells none counts as one.
CREATE FUNCTION agents.slots_of(k agents.kind, started_before timestamptz, at timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT sum(CASE WHEN jsonb_typeof(w.about #> ARRAY['slots', k.name]) = 'number'
                  THEN (w.about #>> ARRAY['slots', k.name])::numeric::bigint ELSE 1 END)
    FROM agents.worker w
   WHERE w.agent = k.agent AND w.lost_at IS NULL AND w.stopped_at IS NULL AND w.beat_at > at - interval '1 min'
     AND w.started_at <= started_before AND w.about->'enabled' IS DISTINCT FROM 'false'
$$;

-- True when rows of the kind were claimed since then that were due no later than this: its queue moves on, and what has
-- waited longest will have its turn. A row that is pending again may have had any run_at.
CREATE FUNCTION agents.advances(kind text, due timestamptz, since timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM agents.job j
                  WHERE j.kind = advances.kind AND j.claimed_at > since AND (j.run_at <= due OR j.state = 'pending'))
      OR EXISTS (SELECT FROM agents.job_finished f
                  WHERE f.finished_at > since AND f.kind = advances.kind AND f.claimed_at > since AND f.run_at <= due);
END $$;

-- Kinds with rows that have been due, and could have been claimed, since that moment, although slots are free.
CREATE FUNCTION agents.unclaimed(since timestamptz, at timestamptz)
RETURNS TABLE (kind text, agent text, rows bigint, oldest timestamptz) LANGUAGE plpgsql AS $$
DECLARE
  one agents.kind;
  c   agents.connectivity;
BEGIN
  SELECT * INTO c FROM agents.connectivity x WHERE x.only_row;
  FOR one IN
    SELECT k.* FROM agents.kind k JOIN agents.agent a ON a.name = k.agent
     WHERE k.retired_at IS NULL AND ${works}
       AND (k.needs_internet IS NULL
            OR (agents.is_class_open(k.needs_internet, at) AND coalesce(c.stage_since, '-infinity') <= since))
       AND (NOT k.needs_license
            OR (SELECT coalesce(l.since, '-infinity') <= unclaimed.since FROM agents.license_gate l WHERE l.only_row))
       AND agents.slots_of(k, since, at)
           > (SELECT count(*) FROM agents.job r WHERE r.kind = k.name AND r.state = 'running')
     ORDER BY k.name
  LOOP
    SELECT one.name, one.agent, count(*), min(j.run_at) INTO kind, agent, rows, oldest
      FROM agents.job j
     WHERE j.kind = one.name AND j.state = 'pending' AND j.run_at <= since AND ${notHeld('j')}
       AND ${hasIntentOrLicense('one')}
       AND (j.order_key IS NULL OR ${noOlder('j')});
    CONTINUE WHEN rows = 0 OR agents.advances(one.name, oldest, since)
      OR (one.limited AND agents.allowance(one.name, at, false) < 1);
    RETURN NEXT;
  END LOOP;
END $$;

DROP FUNCTION agents.audit(interval);

-- What the agents' own sweeps and polls should have left right, found and mended. released: rows that ran without a live
-- worker. unclaimed: kinds with rows that nobody took for so long although slots are free; woken: the same, by name,
-- since all processes of their agents are told to look again from the start. adopted: rows of the agents' own tables
-- that had no job and were given one.
CREATE FUNCTION agents.audit(
  unclaimed_after interval DEFAULT '5 min', OUT released integer, OUT woken text[], OUT unclaimed jsonb,
  OUT adopted jsonb
) LANGUAGE plpgsql ${WHOLE} AS $$
DECLARE
  at constant timestamptz := agents.now();
BEGIN
  PERFORM agents.demand_keeper('audit the ledger');
  SELECT coalesce(sum(o.released), 0) INTO audit.released
    FROM agents.agent a CROSS JOIN LATERAL agents.release_orphans(a.name) o;
  SELECT coalesce(array_agg(u.kind), '{}'),
         coalesce(jsonb_agg(jsonb_build_object('kind', u.kind, 'rows', u.rows,
                                               'oldestSeconds', date_part('epoch', at - u.oldest))), '[]')
    INTO woken, audit.unclaimed
    FROM agents.unclaimed(at - unclaimed_after, at) u;
  PERFORM pg_notify('agents_control', 'look ' || a.agent)
     FROM (SELECT DISTINCT k.agent FROM agents.kind k WHERE k.name = ANY (woken)) a;
  adopted := agents.reconcile();
END $$;
`;
