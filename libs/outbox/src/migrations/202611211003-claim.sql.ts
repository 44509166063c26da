import { HOT, NOW } from './definer.ts';

/** True when no hold concerns the row: those of the kind were gathered by the gate. */
export const isFree = `(NOT g.holds OR NOT (
             (q.scope = ANY (g.held_scopes)) IS TRUE OR (q.organization = ANY (g.held_organizations)) IS TRUE
             OR (q.organization || ' ' || q.scope = ANY (g.held_pairs)) IS TRUE))`;

/** Rows of one priority that may be claimed, oldest first, from the hint on. `bound` counts from 1. */
function arm(priority: number, lock: string): string {
  return `SELECT a.id, a.run_at FROM (SELECT q.id, q.run_at FROM agents.job q
           WHERE q.kind = g.kind AND q.priority = ${priority} AND q.state = 'pending' AND NOT q.alone
             AND q.run_at <= g.at AND (q.run_at, q.id) >= (bound[${priority + 1}], bound_id[${priority + 1}])
             AND ${isFree}
           ORDER BY q.run_at, q.id LIMIT want ${lock}) a`;
}
const arms = (lock: string) =>
  [0, 1, 2, 3].map((priority) => arm(priority, lock)).join('\n          UNION ALL\n          ');

const taken = `j.id, j.kind, j.organization, j.priority, j.payload, j.dispatch, j.attempts, j.losses::integer, j.alone,
      j.order_key, j.scope, j.run_at, j.created_at, j.traceparent, j.intent, j.slot,
      (date_part('epoch', j.run_at) * 1000000)::bigint`;
const take = `UPDATE agents.job j
       SET state = 'running', dispatch = j.dispatch + 1, worker = g.incarnation, claimed_at = g.at`;

const noneActive = (row: string) => `NOT EXISTS (
        SELECT FROM agents.job o WHERE o.kind = ${row}.kind AND o.order_key = ${row}.order_key
           AND o.state IN ('running', 'in_doubt'))`;
export const noOlder = (row: string) => `NOT EXISTS (
        SELECT FROM agents.job o WHERE o.kind = ${row}.kind AND o.order_key = ${row}.order_key
           AND o.order_seq < ${row}.order_seq AND o.state IN ('pending', 'running', 'in_doubt'))
      AND ${noneActive(row)}`;

/**
 * Looks again at a row that is found by its id. As text, the state fits no index: planned while the queue was empty,
 * when every index is as cheap as the next, the statement must not settle on another one than that of the id.
 */
export const isStill = (row: string, company: string) =>
  `${row}.state::text = 'pending' AND ${company} AND ${row}.run_at <= g.at`;

/** Claims. One statement each; a kind with a closed gate is not probed. */
export const claim = `
CREATE TYPE agents.claimed AS (
  id uuid, kind text, organization uuid, priority smallint, payload jsonb, dispatch integer, attempts integer,
  losses integer, alone boolean, order_key text, scope text, run_at timestamptz, created_at timestamptz,
  traceparent text, intent jsonb, slot timestamptz, due_us bigint
);

-- What a claim must know of its kind. open: rows may be taken now. holds: some rows may not, and which.
CREATE TYPE agents.gate AS (
  incarnation uuid, kind text, at timestamptz, open boolean, holds boolean, durable boolean, ordered boolean,
  limited boolean, held_scopes text[], held_organizations uuid[], held_pairs text[]
);

-- Second number of the advisory lock that keeps a worker from being declared lost while it claims.
CREATE FUNCTION agents.worker_lock(incarnation uuid) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT uuid_hash(incarnation)
$$;

-- Judges one claim: is the worker alive and the caller's own, is the kind its own, is the gate open?
CREATE FUNCTION agents.pass(incarnation uuid, kind text) RETURNS agents.gate LANGUAGE plpgsql AS $$
DECLARE
  g agents.gate;
  seen record;
BEGIN
  -- Held until commit. Whoever declares this worker lost takes it exclusively first: it waits for no claim and
  -- misses none.
  IF NOT pg_try_advisory_xact_lock_shared(1852993378, uuid_hash(incarnation)) THEN
    RETURN NULL;
  END IF;
  SELECT t.at, w.login, w.agent AS worker_agent, w.lost_at, w.stopped_at, w.postmaster_start, k.name, k.agent,
         k.needs_internet, k.depends_on_time, k.ordered, k.limited, k.delivery, a.paused, h.*
    INTO seen
    FROM agents.worker w CROSS JOIN LATERAL (SELECT ${NOW}) t (at)
    LEFT JOIN agents.kind k ON k.name = pass.kind
    LEFT JOIN agents.agent a ON a.name = k.agent
    LEFT JOIN LATERAL (
      SELECT count(*) AS holds,
             count(*) FILTER (WHERE num_nonnulls(o.organization, o.scope) = 0) AS whole,
             array_agg(o.scope) FILTER (WHERE o.organization IS NULL) AS scopes,
             array_agg(o.organization) FILTER (WHERE o.scope IS NULL) AS organizations,
             array_agg(o.organization || ' ' || o.scope) FILTER (WHERE num_nulls(o.organization, o.scope) = 0) AS pairs
        FROM agents.hold o WHERE (o.kind IS NULL OR o.kind = k.name) AND (o.until IS NULL OR o.until > t.at)) h ON true
   WHERE w.incarnation = pass.incarnation;
  -- Under another Postgres than the one it started under, a claim of its own may be forgotten; it would get the same
  -- row under the same dispatch twice.
  IF NOT FOUND OR seen.lost_at IS NOT NULL OR seen.stopped_at IS NOT NULL
     OR seen.postmaster_start <> pg_postmaster_start_time() THEN
    RAISE EXCEPTION 'The worker % is not known (any more): it was declared lost, never started, or Postgres restarted.',
      incarnation USING ERRCODE = 'NX021', HINT = 'Abort its jobs and start a new incarnation.';
  END IF;
  IF seen.name IS NULL THEN
    RAISE EXCEPTION 'There is no kind "%".', pass.kind USING ERRCODE = 'NX001';
  END IF;
  IF seen.login <> session_user OR seen.worker_agent <> seen.agent THEN
    PERFORM agents.demand(false, 'claim ' || seen.name);
  END IF;
  g.incarnation := incarnation;
  g.kind := seen.name;
  g.at := seen.at;
  g.holds := seen.holds > 0;
  g.held_scopes := seen.scopes;
  g.held_organizations := seen.organizations;
  g.held_pairs := seen.pairs;
  g.ordered := seen.ordered;
  g.limited := seen.limited;
  g.durable := seen.limited OR seen.delivery = 'at-most-once';
  g.open := NOT seen.paused AND seen.whole = 0
            AND (seen.needs_internet IS NULL OR agents.is_class_open(seen.needs_internet, seen.at))
            AND (NOT seen.depends_on_time OR agents.clock_ok());
  RETURN g;
END $$;

-- How many rows the kind's limits allow now. Locks the kind's limits until the claim has committed; who is not
-- patient gets none while another claim holds them.
CREATE FUNCTION agents.allowance(kind text, at timestamptz, patient boolean) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  l       agents.kind_limit;
  running bigint := 0;
  spent   bigint := 0;
BEGIN
  IF NOT patient THEN
    PERFORM FROM agents.kind_limit x WHERE x.kind = allowance.kind FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      RETURN 0;
    END IF;
  END IF;
  SELECT * INTO l FROM agents.kind_limit x WHERE x.kind = allowance.kind FOR UPDATE;
  IF l.total IS NOT NULL THEN
    -- A statement of its own, and so a snapshot taken under the lock.
    SELECT count(*) INTO running FROM agents.job j WHERE j.kind = allowance.kind AND j.state = 'running';
  END IF;
  IF l.rate_count IS NOT NULL THEN
    SELECT coalesce(sum(s.starts), 0) INTO spent FROM unnest(l.spent_at, l.spent) AS s (ended_at, starts)
     WHERE s.ended_at > agents.under_lock(at) - l.rate_per;
  END IF;
  RETURN greatest(0, coalesce(least(l.total - running, l.rate_count - spent), 2147483647));
END $$;

-- The house's time at this moment, for who has waited for a lock: its statement may have begun long before.
CREATE FUNCTION agents.under_lock(at timestamptz) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
  RETURN clock_timestamp() + (at - statement_timestamp());
END $$;

-- Notes starts of a kind with a rate: so many in any window of its time, to a 64th of it. A span counts until its end
-- is as old as that, so the window is never shorter than promised.
CREATE FUNCTION agents.debit(kind text, rows integer, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  now_at constant timestamptz := agents.under_lock(at);
BEGIN
  UPDATE agents.kind_limit x
     SET (spent_at, spent) = (
       SELECT array_agg(s.ended_at ORDER BY s.ended_at), array_agg(s.starts ORDER BY s.ended_at)
         FROM (SELECT u.ended_at, sum(u.starts)::integer AS starts
                 FROM (SELECT * FROM unnest(x.spent_at, x.spent)
                       UNION ALL
                       SELECT date_bin(x.rate_per / 64, now_at, 'epoch') + x.rate_per / 64, rows) u (ended_at, starts)
                WHERE u.ended_at > now_at - x.rate_per
                GROUP BY u.ended_at) s)
   WHERE x.kind = debit.kind AND x.rate_count IS NOT NULL;
END $$;

-- Only one session at a time claims for an order key.
CREATE FUNCTION agents.try_order_lock(kind text, order_key text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RETURN pg_try_advisory_xact_lock(hashtextextended(kind || E'\\n' || order_key, 1852993379));
END $$;

-- Claims one row of an ordered kind, if it still may run. Under its key's lock, and by a statement that sees everything
-- committed before.
CREATE FUNCTION agents.claim_of_order(g agents.gate, id uuid, order_key text) RETURNS SETOF agents.claimed
LANGUAGE plpgsql AS $$
BEGIN
  IF order_key IS NULL OR agents.try_order_lock(g.kind, order_key) THEN
    RETURN QUERY ${take}
     WHERE j.id = (SELECT q.id FROM agents.job q
                    WHERE q.id = claim_of_order.id AND ${isStill('q', 'NOT q.alone')}
                      AND ${noOlder('q')}
                      FOR UPDATE SKIP LOCKED)
     RETURNING ${taken};
  END IF;
END $$;

-- Claims rows of an ordered kind. The candidates are a guess, each is looked at again. First those among the next 200
-- rows, which is quick while most keys have few rows; then the first row of every key, which is quick while few keys
-- have most of the rows, and the rows without a key, which an event or a schedule made and nothing blocks.
CREATE FUNCTION agents.claim_ordered(g agents.gate, want integer) RETURNS SETOF agents.claimed LANGUAGE plpgsql AS $$
DECLARE
  c    record;
  got  integer := 0;
  seen integer := 0;
BEGIN
  FOR c IN
    SELECT q.id, q.order_key, ${noOlder('q')} AS first FROM (
      SELECT * FROM agents.job q
       WHERE q.kind = g.kind AND q.state = 'pending' AND NOT q.alone AND q.run_at <= g.at AND ${isFree}
       ORDER BY q.priority, q.run_at, q.id LIMIT 200) q
  LOOP
    seen := seen + 1;
    CONTINUE WHEN NOT c.first;
    RETURN QUERY SELECT * FROM agents.claim_of_order(g, c.id, c.order_key);
    got := got + FOUND::integer;
    IF got >= want THEN
      RETURN;
    END IF;
  END LOOP;
  IF seen < 200 THEN
    RETURN;
  END IF;
  FOR c IN
    SELECT r.id, r.order_key FROM (
      (SELECT q.* FROM (
         SELECT DISTINCT ON (o.order_key) o.* FROM agents.job o
          WHERE o.kind = g.kind AND o.order_key IS NOT NULL AND o.state IN ('pending', 'running', 'in_doubt')
          ORDER BY o.order_key, o.order_seq) q
        WHERE q.state = 'pending' AND NOT q.alone AND q.run_at <= g.at AND ${isFree} AND ${noneActive('q')}
        ORDER BY q.priority, q.run_at, q.id LIMIT want + 10)
      UNION ALL
      (SELECT q.* FROM agents.job q
        WHERE q.kind = g.kind AND q.order_key IS NULL AND q.order_seq IS NOT NULL
          AND ${isStill('q', 'NOT q.alone')} AND ${isFree}
        ORDER BY q.priority, q.run_at, q.id LIMIT want + 10)) r
     ORDER BY r.priority, r.run_at, r.id
  LOOP
    RETURN QUERY SELECT * FROM agents.claim_of_order(g, c.id, c.order_key);
    got := got + FOUND::integer;
    EXIT WHEN got >= want;
  END LOOP;
END $$;

-- Oldest first whatever the priority: the first of each priority, merged.
CREATE FUNCTION agents.claim_by_run_at(g agents.gate, want integer, bound timestamptz[], bound_id uuid[])
RETURNS SETOF agents.claimed LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY ${take}
   WHERE j.id = ANY (ARRAY(
     SELECT l.id FROM agents.job l
      WHERE ${isStill('l', 'NOT l.alone')} AND l.id = ANY (ARRAY(
        SELECT h.id FROM (
          ${arms('')}
        ) h ORDER BY h.run_at, h.id LIMIT want))
        FOR UPDATE SKIP LOCKED))
   RETURNING ${taken};
END $$;

-- Most urgent first; within a priority, oldest first.
CREATE FUNCTION agents.claim_by_priority(g agents.gate, want integer, bound timestamptz[], bound_id uuid[])
RETURNS SETOF agents.claimed LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY ${take}
   WHERE j.id = ANY (ARRAY(
     SELECT h.id FROM (
          ${arms('FOR UPDATE SKIP LOCKED')}
     ) h LIMIT want))
   RETURNING ${taken};
END $$;

CREATE FUNCTION agents.claim(
  incarnation uuid, kind text, max integer, after_us bigint[] DEFAULT NULL, after_id uuid[] DEFAULT NULL,
  by_run_at boolean DEFAULT false
) RETURNS SETOF agents.claimed LANGUAGE plpgsql ${HOT} SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  g        agents.gate;
  want     integer := max;
  got      integer := 0;
  more     integer;
  bound    timestamptz[] := '{-infinity,-infinity,-infinity,-infinity}';
  bound_id uuid[] := array_fill('00000000-0000-0000-0000-000000000000'::uuid, '{4}');
BEGIN
  g := agents.pass(incarnation, kind);
  IF g.open IS NOT TRUE OR max < 1 THEN
    RETURN;
  END IF;
  IF g.limited THEN
    want := least(max, agents.allowance(g.kind, g.at, true));
    IF want < 1 THEN
      RETURN;
    END IF;
  END IF;
  IF after_us IS NOT NULL THEN
    bound_id := after_id;
    FOR i IN 1..4 LOOP
      bound[i] := coalesce(timestamptz 'epoch' + after_us[i] * interval '1 microsecond', '-infinity');
    END LOOP;
  END IF;
  IF g.ordered THEN
    RETURN QUERY SELECT * FROM agents.claim_ordered(g, want);
    GET DIAGNOSTICS got = ROW_COUNT;
  ELSE
    IF by_run_at THEN
      RETURN QUERY SELECT * FROM agents.claim_by_run_at(g, want, bound, bound_id);
      GET DIAGNOSTICS got = ROW_COUNT;
    END IF;
    IF got < want THEN
      RETURN QUERY SELECT * FROM agents.claim_by_priority(g, want - got, bound, bound_id);
      GET DIAGNOSTICS more = ROW_COUNT;
      got := got + more;
    END IF;
  END IF;
  IF got > 0 AND g.limited THEN
    PERFORM agents.debit(g.kind, got, g.at);
  END IF;
  IF got > 0 AND NOT g.durable THEN
    -- A later durable commit carries it along; after a crash before that, the rows are pending again.
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
END $$;

CREATE FUNCTION agents.poll(
  incarnation uuid, kinds text[], max integer[], after_us bigint[] DEFAULT NULL, after_id uuid[] DEFAULT NULL
) RETURNS SETOF agents.claimed LANGUAGE plpgsql ${HOT} SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  durability constant text := current_setting('synchronous_commit');
  durable boolean := false;
  waiting agents.claimed;
  i       integer;
BEGIN
  -- By name, so that two polls lock the limits of several kinds in the same order.
  FOR i IN SELECT u.place FROM unnest(kinds) WITH ORDINALITY AS u (kind, place) ORDER BY u.kind COLLATE "C" LOOP
    RETURN QUERY SELECT * FROM agents.claim(incarnation, kinds[i], max[i], after_us[4 * i - 3 : 4 * i],
                                            after_id[4 * i - 3 : 4 * i]);
    durable := durable OR (FOUND AND EXISTS (
      SELECT FROM agents.kind k WHERE k.name = kinds[i] AND (k.limited OR k.delivery = 'at-most-once')));
  END LOOP;
  IF durable THEN
    PERFORM set_config('synchronous_commit', durability, true);
  END IF;
  SELECT c.kind INTO waiting.kind FROM agents.alone_candidates(incarnation, kinds, 1) c
   WHERE agents.has_room(c.g) LIMIT 1;
  IF FOUND THEN
    waiting.alone := true;
    RETURN NEXT waiting;
  END IF;
END $$;

-- Due rows of a kind that must run alone, are the oldest of their order key, and are let through by gate and holds.
CREATE FUNCTION agents.alone_of(g agents.gate, n integer) RETURNS SETOF agents.job LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF g.open THEN
    RETURN QUERY
      SELECT q.* FROM agents.job q
       WHERE q.kind = g.kind AND q.state = 'pending' AND q.alone AND q.run_at <= g.at AND ${isFree}
         AND (q.order_key IS NULL OR ${noOlder('q')})
       ORDER BY q.priority, q.run_at, q.id LIMIT n;
  END IF;
END $$;

-- Rows that must run alone, most urgent first, at most n of each kind: none hides those of another kind.
CREATE FUNCTION agents.alone_candidates(incarnation uuid, kinds text[], n integer)
RETURNS TABLE (g agents.gate, kind text, id uuid, order_key text) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
    SELECT p.g, q.kind::text, q.id, q.order_key::text
      FROM (SELECT agents.pass(incarnation, u.kind) AS g FROM unnest(kinds) AS u (kind)
             WHERE EXISTS (SELECT FROM agents.job w WHERE w.kind = u.kind AND w.state = 'pending' AND w.alone)
            OFFSET 0) p
     CROSS JOIN LATERAL agents.alone_of(p.g, n) q
     ORDER BY q.priority, q.run_at, q.id;
END $$;

-- True when the limits of the kind leave room for one row more.
CREATE FUNCTION agents.has_room(g agents.gate) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RETURN NOT g.limited OR agents.allowance(g.kind, g.at, false) > 0;
END $$;

-- One row whose worker was lost before, for a process that holds nothing else. Commits durably: should the process
-- take Postgres' host down with it, the loss still is known.
CREATE FUNCTION agents.claim_alone(incarnation uuid, kinds text[]) RETURNS SETOF agents.claimed
LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  c record;
  g agents.gate;
BEGIN
  IF EXISTS (SELECT FROM agents.job j
              WHERE j.state = 'running' AND j.worker = claim_alone.incarnation AND j.kind = ANY (ARRAY(
                SELECT k.name FROM agents.kind k JOIN agents.worker w ON w.agent = k.agent
                 WHERE w.incarnation = claim_alone.incarnation))) THEN
    RETURN;
  END IF;
  FOR c IN SELECT * FROM agents.alone_candidates(incarnation, kinds, 20) LOOP
    g := c.g;
    CONTINUE WHEN NOT agents.has_room(g)
      OR (c.order_key IS NOT NULL AND NOT agents.try_order_lock(c.kind, c.order_key));
    RETURN QUERY ${take}
     WHERE j.id = (SELECT q.id FROM agents.job q
                    WHERE q.id = c.id AND ${isStill('q', 'q.alone')}
                      AND (q.order_key IS NULL OR ${noOlder('q')})
                      FOR UPDATE SKIP LOCKED)
     RETURNING ${taken};
    IF FOUND THEN
      IF g.limited THEN
        PERFORM agents.debit(g.kind, 1, g.at);
      END IF;
      RETURN;
    END IF;
  END LOOP;
END $$;
`;
