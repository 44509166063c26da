import { DEFINER } from './definer.ts';

/** Schedules are rows. TypeScript computes slots; these functions see to it that each runs once. */
export const schedules = `
-- Schedules of an agent that have something to do, locked for the caller's transaction: never computed, due, or
-- computed by a clock that has stepped back since. Whoever finds one locked lets the other do it.
CREATE FUNCTION agents.due_slots(agent text)
RETURNS TABLE (name text, kind text, cron text, every_ms double precision, zone text, catch_up text,
               catch_up_max integer, max_late_ms double precision, next_slot timestamptz, last_slot timestamptz,
               resumed_at timestamptz, at timestamptz, stepped_back boolean)
LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  now_at constant timestamptz := agents.now();
BEGIN
  PERFORM agents.demand(agents.may_act_for(agent), 'fire schedules of ' || agent);
  IF NOT agents.clock_ok() OR (SELECT a.paused FROM agents.agent a WHERE a.name = due_slots.agent) IS NOT FALSE THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT s.name::text, s.kind::text, s.cron, date_part('epoch', s.every) * 1000, s.zone, s.catch_up, s.catch_up_max,
           date_part('epoch', s.max_late) * 1000, s.next_slot, s.last_slot,
           CASE WHEN s.resumed_at > now_at THEN now_at ELSE s.resumed_at END, now_at,
           coalesce(s.computed_at > now_at + interval '10 s', false)
      FROM agents.schedule s
     WHERE s.agent = due_slots.agent AND NOT s.paused AND s.retired_at IS NULL
       AND (s.next_slot IS NULL OR s.next_slot <= now_at OR s.computed_at > now_at + interval '10 s')
     ORDER BY s.next_slot NULLS FIRST, s.name
       FOR UPDATE SKIP LOCKED;
END $$;

-- When a late slot may start: missed slots of the whole house keep a distance, so that power-on does not start
-- everything at once.
CREATE FUNCTION agents.spaced(spacing interval, at timestamptz) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1852993381, 0);
  RETURN greatest(at, (SELECT max(s.late_run_at) FROM agents.schedule s WHERE s.late_run_at < at + interval '1 day')
                      + spacing);
END $$;

-- Puts in one slot and its job. NULL when the slot has run before.
CREATE FUNCTION agents.fire_slot(s agents.schedule, slot timestamptz, manual boolean) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
  k      agents.kind;
  at     constant timestamptz := agents.now();
  starts timestamptz := at;
  job_id uuid;
BEGIN
  IF EXISTS (SELECT FROM agents.schedule_slot x WHERE x.schedule = s.name AND x.slot = fire_slot.slot) THEN
    RETURN NULL;
  END IF;
  SELECT * INTO STRICT k FROM agents.kind c WHERE c.name = s.kind;
  IF NOT manual AND slot < at - interval '1 min' THEN
    starts := agents.spaced(s.spacing, at);
    UPDATE agents.schedule x SET late_run_at = starts WHERE x.name = s.name;
  END IF;
  -- What still waits to start stands for this slot as well: schedules do not pile up behind a closed gate.
  IF NOT manual AND s.catch_up <> 'all' THEN
    SELECT j.id INTO job_id FROM agents.job j WHERE j.id = s.last_job AND j.state = 'pending' AND j.dispatch = 0;
  END IF;
  IF job_id IS NULL THEN
    job_id := agents.put_job(kind => k.name, number => k.number, ordered => k.ordered, payload => s.payload,
                             rank => s.priority, run_at => starts, at => at, slot => slot);
  END IF;
  INSERT INTO agents.schedule_slot (schedule, slot, job, fired_at, manual) VALUES (s.name, slot, job_id, at, manual);
  RETURN job_id;
END $$;

-- Fires slots of a schedule that due_slots has locked in this transaction, and moves it on.
CREATE FUNCTION agents.fire(schedule text, slots timestamptz[], next_slot timestamptz, given_up integer DEFAULT 0)
RETURNS TABLE (slot timestamptz, job uuid) LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  s   agents.schedule;
  one timestamptz;
BEGIN
  SELECT * INTO s FROM agents.schedule x WHERE x.name = fire.schedule FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM agents.demand(agents.may_act_for(s.agent), 'fire schedules of ' || s.agent);
  FOREACH one IN ARRAY coalesce(slots, '{}') LOOP
    slot := one;
    job := agents.fire_slot(s, one, false);
    CONTINUE WHEN job IS NULL;
    s.last_job := job;
    s.last_slot := one;
    s.last_run_at := agents.now();
    RETURN NEXT;
  END LOOP;
  UPDATE agents.schedule x
     SET next_slot = fire.next_slot, computed_at = agents.now(), last_slot = s.last_slot, last_job = s.last_job,
         last_run_at = s.last_run_at, missed = x.missed + coalesce(given_up, 0)
   WHERE x.name = s.name;
END $$;

CREATE FUNCTION agents.controlled_schedule(schedule text) RETURNS agents.schedule LANGUAGE plpgsql AS $$
DECLARE
  s agents.schedule;
BEGIN
  SELECT * INTO s FROM agents.schedule x WHERE x.name = controlled_schedule.schedule AND x.retired_at IS NULL
     FOR UPDATE;
  IF FOUND THEN
    PERFORM agents.demand(agents.is_operator() OR agents.may_act_for(s.agent), 'act on the schedule ' || s.name);
  END IF;
  RETURN s;
END $$;

CREATE FUNCTION agents.run_schedule(name text) RETURNS uuid LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  s  agents.schedule := agents.controlled_schedule(name);
  at timestamptz := clock_timestamp() + (agents.now() - statement_timestamp());
  job_id uuid;
BEGIN
  IF s.name IS NULL THEN
    RETURN NULL;
  END IF;
  job_id := agents.fire_slot(s, at, true);
  UPDATE agents.schedule x SET last_job = job_id, last_run_at = agents.now() WHERE x.name = s.name;
  RETURN job_id;
END $$;

CREATE FUNCTION agents.pause_schedule(name text) RETURNS text LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  s agents.schedule := agents.controlled_schedule(name);
BEGIN
  IF s.name IS NULL THEN
    RETURN 'unknown';
  END IF;
  UPDATE agents.schedule x SET paused = true WHERE x.name = s.name;
  RETURN 'paused';
END $$;

CREATE FUNCTION agents.resume_schedule(name text) RETURNS text LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  s agents.schedule := agents.controlled_schedule(name);
BEGIN
  IF s.name IS NULL THEN
    RETURN 'unknown';
  END IF;
  UPDATE agents.schedule x SET paused = false, resumed_at = CASE WHEN x.paused THEN agents.now() ELSE x.resumed_at END
   WHERE x.name = s.name;
  RETURN 'resumed';
END $$;
`;
