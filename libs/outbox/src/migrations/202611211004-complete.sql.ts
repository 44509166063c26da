import { FURTHEST, HOT, NOW } from './definer.ts';

const delay = `least(greatest(delay, '0'), ${FURTHEST})`;

/** How a claimed row ends, and what a worker may say about it meanwhile. */
export const complete = `
-- True when this login started this worker. Nobody else may speak for it, even knowing its incarnation.
CREATE FUNCTION agents.is_mine(incarnation uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM agents.worker w WHERE w.incarnation = is_mine.incarnation AND w.login = session_user)
$$;

CREATE FUNCTION agents.raise_stale(job uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The job % is no longer held by this worker under this dispatch; what it did about it is dropped.',
    job USING ERRCODE = 'NX020';
END $$;

-- The row behind a fence, locked until the end of the transaction.
CREATE FUNCTION agents.held(job uuid, dispatch integer, incarnation uuid) RETURNS agents.job LANGUAGE plpgsql AS $$
DECLARE
  j agents.job;
BEGIN
  SELECT * INTO j FROM agents.job x
   WHERE x.id = held.job AND x.dispatch = held.dispatch AND x.worker = held.incarnation
     AND agents.is_mine(held.incarnation)
     FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM agents.raise_stale(job);
  END IF;
  RETURN j;
END $$;

CREATE FUNCTION agents.delivery_of(kind text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT k.delivery FROM agents.kind k WHERE k.name = delivery_of.kind
$$;

-- One line of the job's story.
CREATE FUNCTION agents.note_attempt(j agents.job, outcome text, counted boolean, error jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO agents.attempt
    (job, started_at, ended_at, worker, dispatch, counted, kind, outcome, instance, error, intent)
  VALUES (j.id, j.claimed_at, agents.now(), j.worker, j.dispatch, counted, j.kind, outcome,
          (SELECT w.instance FROM agents.worker w WHERE w.incarnation = j.worker), error, j.intent);
END $$;

-- The row comes to rest (dead, in doubt) or waits again; it has ended once, so it need not run alone any more.
CREATE FUNCTION agents.rest(j agents.job, outcome text, counted boolean, error jsonb, becomes agents.job_state,
                            wait interval) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM agents.note_attempt(j, outcome, counted, error);
  UPDATE agents.job x
     SET state = becomes, worker = NULL, alone = false, losses = 0, attempts = x.attempts + counted::integer,
         last_error = error, ended_at = agents.now(), progress = NULL, phrase = NULL, cancel_requested_at = NULL,
         wait = rest.wait, run_at = CASE WHEN rest.wait IS NULL THEN x.run_at ELSE agents.now() + rest.wait END
   WHERE x.id = j.id;
  RETURN becomes::text;
END $$;

-- Moves a row out of the hot table.
CREATE FUNCTION agents.put_away(job uuid, final agents.job_state) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH gone AS (DELETE FROM agents.job x WHERE x.id = put_away.job RETURNING x.*)
  INSERT INTO agents.job_finished
    (id, created_at, claimed_at, finished_at, slot, run_at, organization, worker, dispatch, attempts, state, priority,
     losses, kind, order_key, scope, dedupe_key, traceparent, intent, last_error, payload)
  SELECT g.id, g.created_at, g.claimed_at, agents.now(), g.slot, g.run_at, g.organization, g.worker, g.dispatch,
         g.attempts, final, g.priority, g.losses, g.kind, g.order_key, g.scope, g.dedupe_key, g.traceparent, g.intent,
         g.last_error, g.payload
    FROM gone g;
END $$;

-- A running row ends because somebody cancelled it. What may have happened outside is not swept under the carpet.
CREATE FUNCTION agents.end_cancelled(j agents.job, error jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF j.intent IS NOT NULL THEN
    RETURN agents.rest(j, 'in_doubt', false, coalesce(error, '{"code": "agents.in-doubt"}'), 'in_doubt', NULL);
  END IF;
  PERFORM agents.note_attempt(j, 'cancelled', false, error);
  PERFORM agents.put_away(j.id, 'cancelled');
  RETURN 'cancelled';
END $$;

-- True when an effect outside may have happened and must not be tried a second time.
CREATE FUNCTION agents.is_doubtful(j agents.job) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN j.intent IS NOT NULL AND agents.delivery_of(j.kind) = 'at-most-once';
END $$;

CREATE FUNCTION agents.fence(job uuid, dispatch integer, incarnation uuid) RETURNS void
LANGUAGE plpgsql ${HOT} AS $$
BEGIN
  PERFORM agents.held(job, dispatch, incarnation);
END $$;

CREATE FUNCTION agents.intend(job uuid, dispatch integer, incarnation uuid, key text, request_hash text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql ${HOT} AS $$
BEGIN
  IF key IS NULL OR key = '' THEN
    RAISE EXCEPTION 'An intent needs an idempotency key.' USING ERRCODE = 'NX004';
  END IF;
  UPDATE agents.job x
     SET intent = jsonb_build_object('key', intend.key, 'requestHash', intend.request_hash, 'since', agents.now(),
                                     'dispatch', x.dispatch)
   WHERE x.id = intend.job AND x.dispatch = intend.dispatch AND x.worker = intend.incarnation
     AND agents.is_mine(intend.incarnation);
  IF NOT FOUND THEN
    PERFORM agents.raise_stale(job);
  END IF;
END $$;

CREATE FUNCTION agents.close_intent(j agents.job, outcome text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF j.intent IS NULL THEN
    RETURN;
  END IF;
  INSERT INTO agents.intent (job, dispatch, key, request_hash, since, settled_at, outcome)
  VALUES (j.id, (j.intent->>'dispatch')::integer, j.intent->>'key', j.intent->>'requestHash',
          (j.intent->>'since')::timestamptz, agents.now(), outcome);
  UPDATE agents.job x SET intent = NULL WHERE x.id = j.id;
END $$;

CREATE FUNCTION agents.settle(job uuid, dispatch integer, incarnation uuid, outcome text) RETURNS void
LANGUAGE plpgsql ${HOT} AS $$
BEGIN
  PERFORM agents.close_intent(agents.held(job, dispatch, incarnation), coalesce(outcome, 'settled'));
END $$;

-- The hot path. Two writes of a good job: the claim's, and this move, which is the second.
CREATE FUNCTION agents.finish(job uuid, dispatch integer, incarnation uuid, result jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql ${HOT} AS $$
BEGIN
  WITH gone AS (
    DELETE FROM agents.job x
     WHERE x.id = finish.job AND x.dispatch = finish.dispatch AND x.worker = finish.incarnation
       AND EXISTS (SELECT FROM agents.worker w WHERE w.incarnation = finish.incarnation AND w.login = session_user)
    RETURNING x.*)
  INSERT INTO agents.job_finished
    (id, created_at, claimed_at, finished_at, slot, run_at, organization, worker, dispatch, attempts, state, priority,
     losses, kind, order_key, scope, dedupe_key, traceparent, intent, last_error, payload, result)
  SELECT g.id, g.created_at, g.claimed_at, ${NOW}, g.slot, g.run_at, g.organization, g.worker, g.dispatch,
         g.attempts + 1, 'done', g.priority, g.losses, g.kind, g.order_key, g.scope, g.dedupe_key, g.traceparent,
         g.intent, g.last_error, g.payload, finish.result
    FROM gone g;
  IF NOT FOUND THEN
    PERFORM agents.raise_stale(job);
  END IF;
END $$;

CREATE FUNCTION agents.finish_many(incarnation uuid, jobs uuid[], dispatches integer[], results jsonb[])
RETURNS uuid[] LANGUAGE plpgsql ${HOT} SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  at constant timestamptz := agents.now();
  accepted uuid[];
BEGIN
  WITH gone AS (
    DELETE FROM agents.job x USING unnest(jobs, dispatches, results) AS u (job, dispatch, result)
     WHERE x.id = ANY (jobs) AND x.id = u.job AND x.dispatch = u.dispatch AND x.worker = finish_many.incarnation
       AND EXISTS (SELECT FROM agents.worker w WHERE w.incarnation = finish_many.incarnation AND w.login = session_user)
    RETURNING x.*, u.result),
  kept AS (
    INSERT INTO agents.job_finished
      (id, created_at, claimed_at, finished_at, slot, run_at, organization, worker, dispatch, attempts, state,
       priority, losses, kind, order_key, scope, dedupe_key, traceparent, intent, last_error, payload, result)
    SELECT g.id, g.created_at, g.claimed_at, at, g.slot, g.run_at, g.organization, g.worker, g.dispatch,
           g.attempts + 1, 'done', g.priority, g.losses, g.kind, g.order_key, g.scope, g.dedupe_key, g.traceparent,
           g.intent, g.last_error, g.payload, g.result
      FROM gone g
    RETURNING id)
  SELECT array_agg(k.id) INTO accepted FROM kept k;
  RETURN coalesce(accepted, '{}');
END $$;

-- The same for rows that end in one transaction with their effects: all of them, or none.
CREATE FUNCTION agents.finish_all(incarnation uuid, jobs uuid[], dispatches integer[], results jsonb[]) RETURNS void
LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  accepted constant uuid[] := agents.finish_many(incarnation, jobs, dispatches, results);
BEGIN
  IF cardinality(accepted) <> cardinality(jobs) THEN
    PERFORM agents.raise_stale((SELECT min(j::text)::uuid FROM unnest(jobs) j WHERE j <> ALL (accepted)));
  END IF;
END $$;

CREATE FUNCTION agents.retry(job uuid, dispatch integer, incarnation uuid, delay interval, error jsonb,
                             max_attempts integer DEFAULT NULL) RETURNS text LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  j agents.job := agents.held(job, dispatch, incarnation);
BEGIN
  IF j.cancel_requested_at IS NOT NULL THEN
    RETURN agents.end_cancelled(j, error);
  ELSIF agents.is_doubtful(j) THEN
    RETURN agents.rest(j, 'in_doubt', true, error, 'in_doubt', NULL);
  ELSIF j.attempts + 1 >= max_attempts THEN
    RETURN agents.rest(j, 'dead', true, coalesce(error, '{}') || '{"exhausted": true}', 'dead', NULL);
  END IF;
  RETURN agents.rest(j, 'retry', true, error, 'pending', ${delay});
END $$;

CREATE FUNCTION agents.later(job uuid, dispatch integer, incarnation uuid, delay interval, reason jsonb) RETURNS text
LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  j agents.job := agents.held(job, dispatch, incarnation);
BEGIN
  -- The handler says that nothing took effect; where it could ask, it still may.
  IF agents.is_doubtful(j) THEN
    PERFORM agents.close_intent(j, 'nothing went out');
    j.intent := NULL;
  END IF;
  IF j.cancel_requested_at IS NOT NULL THEN
    RETURN agents.end_cancelled(j, reason);
  END IF;
  RETURN agents.rest(j, 'later', false, reason, 'pending', ${delay});
END $$;

CREATE FUNCTION agents.bury(job uuid, dispatch integer, incarnation uuid, error jsonb) RETURNS void
LANGUAGE plpgsql ${HOT} AS $$
BEGIN
  PERFORM agents.rest(agents.held(job, dispatch, incarnation), 'dead', true, error, 'dead', NULL);
END $$;

CREATE FUNCTION agents.doubt(job uuid, dispatch integer, incarnation uuid, error jsonb) RETURNS void
LANGUAGE plpgsql ${HOT} AS $$
BEGIN
  PERFORM agents.rest(agents.held(job, dispatch, incarnation), 'in_doubt', true, error, 'in_doubt', NULL);
END $$;

CREATE FUNCTION agents.cancelled(job uuid, dispatch integer, incarnation uuid) RETURNS text
LANGUAGE plpgsql ${HOT} AS $$
BEGIN
  RETURN agents.end_cancelled(agents.held(job, dispatch, incarnation), NULL);
END $$;

-- A row goes back as if it had not been claimed, unless something may have happened outside.
CREATE FUNCTION agents.give_back(j agents.job, outcome text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF j.cancel_requested_at IS NOT NULL THEN
    PERFORM agents.end_cancelled(j, NULL);
  ELSIF agents.is_doubtful(j) THEN
    PERFORM agents.rest(j, outcome, false, '{"code": "agents.in-doubt"}', 'in_doubt', NULL);
  ELSE
    PERFORM agents.note_attempt(j, outcome, false, NULL);
    UPDATE agents.job x SET state = 'pending', worker = NULL, progress = NULL, phrase = NULL WHERE x.id = j.id;
  END IF;
END $$;

CREATE FUNCTION agents.hand_back(incarnation uuid, jobs uuid[], dispatches integer[]) RETURNS integer
LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  j agents.job;
  back integer := 0;
BEGIN
  FOR j IN
    SELECT x.* FROM agents.job x JOIN unnest(jobs, dispatches) AS u (job, dispatch) ON x.id = u.job
     WHERE x.id = ANY (jobs) AND x.dispatch = u.dispatch AND x.worker = hand_back.incarnation
       AND agents.is_mine(hand_back.incarnation)
     ORDER BY x.id FOR UPDATE OF x
  LOOP
    PERFORM agents.give_back(j, 'handed_back');
    back := back + 1;
  END LOOP;
  RETURN back;
END $$;

-- Gives back what runs here under an incarnation whose process does not know of it: the answer of a claim was lost, or
-- an outcome could not be written. A row that is locked at this moment is left for the next time.
CREATE FUNCTION agents.hand_back_unknown(incarnation uuid, known uuid[]) RETURNS integer LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  j agents.job;
  back integer := 0;
BEGIN
  FOR j IN
    SELECT x.* FROM agents.job x
     WHERE x.kind = ANY (ARRAY(
             SELECT k.name FROM agents.kind k JOIN agents.worker w ON w.agent = k.agent
              WHERE w.incarnation = hand_back_unknown.incarnation AND w.login = session_user))
       AND x.state = 'running' AND x.worker = hand_back_unknown.incarnation AND x.id <> ALL (known)
     ORDER BY x.id FOR UPDATE SKIP LOCKED
  LOOP
    PERFORM agents.give_back(j, 'handed_back');
    back := back + 1;
  END LOOP;
  RETURN back;
END $$;

CREATE FUNCTION agents.progress(job uuid, dispatch integer, incarnation uuid, fraction numeric, phrase text)
RETURNS void LANGUAGE plpgsql ${HOT} AS $$
BEGIN
  UPDATE agents.job x
     SET progress = least(1, greatest(0, progress.fraction)), phrase = left(progress.phrase, 200)
   WHERE x.id = progress.job AND x.dispatch = progress.dispatch AND x.worker = progress.incarnation
     AND agents.is_mine(progress.incarnation);
  IF NOT FOUND THEN
    PERFORM agents.raise_stale(job);
  END IF;
END $$;

-- At most 200 lines per job, the last of which says that the log is full.
CREATE FUNCTION agents.log(job uuid, dispatch integer, incarnation uuid, level text, line text,
                           fields jsonb DEFAULT NULL) RETURNS boolean LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  lines integer;
BEGIN
  PERFORM FROM agents.job x
    WHERE x.id = log.job AND x.dispatch = log.dispatch AND x.worker = log.incarnation
      AND agents.is_mine(log.incarnation);
  IF NOT FOUND THEN
    PERFORM agents.raise_stale(job);
  END IF;
  SELECT count(*) INTO lines FROM agents.job_log l WHERE l.job = log.job;
  IF lines >= 200 THEN
    RETURN false;
  END IF;
  IF lines = 199 THEN
    level := 'warn';
    line := 'The log of this job is full; further lines are left out.';
    fields := NULL;
  END IF;
  INSERT INTO agents.job_log (job, at, dispatch, level, line, fields)
  VALUES (log.job, agents.now(), log.dispatch, log.level, left(log.line, 2000),
          CASE WHEN octet_length(log.fields::text) <= 8192 THEN log.fields END);
  RETURN lines < 199;
END $$;
`;
