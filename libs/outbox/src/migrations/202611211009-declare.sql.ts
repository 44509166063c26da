import { DEFINER, isTooLarge } from './definer.ts';

/** What an agent tells the ledger when it starts, and when the ledger refuses. */
export const declare = `
CREATE FUNCTION agents.refuse(sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', sentence USING ERRCODE = 'NX010';
END $$;

CREATE FUNCTION agents.unfinished(kind text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM (SELECT FROM agents.job j WHERE j.kind = unfinished.kind LIMIT 100000) x
$$;

-- A kind that the agent no longer has: gone when nothing of it is unfinished, otherwise a reason not to start.
CREATE FUNCTION agents.retire_missing(agent text, kept text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  k agents.kind;
  left_over bigint;
BEGIN
  FOR k IN
    SELECT c.* FROM agents.kind c
     WHERE c.agent = retire_missing.agent AND c.retired_at IS NULL AND c.name <> ALL (kept)
  LOOP
    left_over := agents.unfinished(k.name);
    IF left_over > 0 THEN
      PERFORM agents.refuse(format(
        'The agent %s no longer has the kind %s, but %s unfinished jobs of it wait in the ledger. Install the version '
        'that has it and let it finish, or cancel them.', agent, k.name, left_over));
    END IF;
    UPDATE agents.kind c SET retired_at = agents.now() WHERE c.name = k.name;
  END LOOP;
END $$;

-- Declarations that came into the house after this version's and whose processes live. While they do, a process of the
-- older version adds what they do not have, and takes nothing of theirs away.
CREATE FUNCTION agents.newer_declarations(agent text, version text) RETURNS SETOF agents.declaration
LANGUAGE sql STABLE AS $$
  SELECT d.* FROM agents.declaration d
   WHERE d.agent = newer_declarations.agent
     AND d.number > (SELECT own.number FROM agents.declaration own
                      WHERE own.agent = d.agent AND own.version = newer_declarations.version)
     AND EXISTS (SELECT FROM agents.worker w
                  WHERE w.agent = d.agent AND w.about->>'version' = d.version AND w.lost_at IS NULL
                    AND w.stopped_at IS NULL AND w.beat_at > agents.now() - interval '1 min')
$$;

-- Values of one key in a list of objects.
CREATE FUNCTION agents.each_of(list jsonb, key text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY(SELECT e->>key FROM jsonb_array_elements(list) e)
$$;

-- The subscriptions of the kinds that are this version's, and those of newer versions that live.
CREATE FUNCTION agents.declare_subscriptions(agent text, version text, newer_kinds text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  spec jsonb;
  wanted constant jsonb := (
    SELECT coalesce(jsonb_agg(e), '[]')
      FROM (SELECT d.subscriptions, '{}'::text[] AS left_out FROM agents.newer_declarations(agent, version) d
            UNION ALL
            SELECT d.subscriptions, newer_kinds FROM agents.declaration d
             WHERE d.agent = declare_subscriptions.agent AND d.version = declare_subscriptions.version) d
     CROSS JOIN LATERAL jsonb_array_elements(d.subscriptions) e
     WHERE (e->>'kind' = ANY (d.left_out)) IS NOT TRUE);
BEGIN
  DELETE FROM agents.subscription s
   USING agents.kind c
   WHERE c.name = s.kind AND c.agent = declare_subscriptions.agent AND NOT EXISTS (
     SELECT FROM jsonb_array_elements(wanted) e WHERE e->>'event' = s.event AND e->>'kind' = s.kind);
  FOR spec IN SELECT e FROM jsonb_array_elements(wanted) e LOOP
    PERFORM agents.demand_own_kind(agent, spec->>'kind', 'The subscription to ' || (spec->>'event'));
    INSERT INTO agents.subscription (event, kind) VALUES (spec->>'event', spec->>'kind') ON CONFLICT DO NOTHING;
  END LOOP;
END $$;

CREATE FUNCTION agents.declare_kind(agent text, spec jsonb) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  former agents.kind;
  kind_name constant text := spec->>'name';
  is_limited constant boolean := spec->>'total' IS NOT NULL OR coalesce(jsonb_typeof(spec->'rate') = 'object', false);
BEGIN
  IF kind_name IS NULL OR kind_name !~ '^[a-z][a-z0-9-]*\\.[a-z][a-z0-9-]*$' THEN
    PERFORM agents.refuse(format('"%s" is no name of a kind; write <agent>.<verb>.', kind_name));
  END IF;
  SELECT * INTO former FROM agents.kind c WHERE c.name = kind_name;
  IF FOUND AND former.agent <> declare_kind.agent THEN
    PERFORM agents.refuse(format('The kind %s belongs to the agent %s; %s cannot declare it as well.', kind_name,
                                 former.agent, agent));
  END IF;
  IF split_part(kind_name, '.', 1) <> declare_kind.agent THEN
    PERFORM agents.refuse(format('The agent %s cannot declare %s: its kinds begin with "%1$s.".', agent, kind_name));
  END IF;
  IF former.ordered AND NOT (spec->>'ordered')::boolean AND agents.unfinished(kind_name) > 0 THEN
    PERFORM agents.refuse(format('The kind %s was ordered and has unfinished jobs whose order would be lost. Let them '
                                 'finish before it becomes unordered.', kind_name));
  END IF;
  IF NOT former.ordered AND (spec->>'ordered')::boolean THEN
    UPDATE agents.job x SET order_seq = nextval('agents.order_seq') WHERE x.kind = kind_name AND x.order_seq IS NULL;
  END IF;
  INSERT INTO agents.kind (name, agent, owner, needs_internet, delivery, ordered, depends_on_time, limited,
                                enqueuers, shown)
  VALUES (kind_name, agent, session_user, spec->>'needsInternet', coalesce(spec->>'delivery', 'ask'),
          coalesce((spec->>'ordered')::boolean, false),
          coalesce((spec->>'dependsOnTime')::boolean, spec->>'needsInternet' IS NOT NULL), is_limited,
          agents.texts(spec->'enqueuers'), agents.texts(spec->'shown'))
  ON CONFLICT (name) DO UPDATE SET
    owner = excluded.owner, needs_internet = excluded.needs_internet, delivery = excluded.delivery,
    ordered = excluded.ordered, depends_on_time = excluded.depends_on_time, limited = excluded.limited,
    enqueuers = excluded.enqueuers, shown = excluded.shown, retired_at = NULL
  -- A row that every enqueue reads is not rewritten for nothing.
  WHERE (kind.owner, kind.needs_internet, kind.delivery, kind.ordered, kind.depends_on_time, kind.limited,
         kind.enqueuers, kind.shown, kind.retired_at)
     IS DISTINCT FROM (excluded.owner, excluded.needs_internet, excluded.delivery, excluded.ordered,
                       excluded.depends_on_time, excluded.limited, excluded.enqueuers, excluded.shown, NULL);
  PERFORM agents.declare_limit(kind_name, (spec->>'total')::integer, (spec#>>'{rate,count}')::integer,
                               (spec#>>'{rate,perMs}')::double precision * interval '1 ms');
END $$;

CREATE FUNCTION agents.texts(list jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE jsonb_typeof(list) WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text(list)) ELSE '{}' END
$$;

CREATE FUNCTION agents.declare_limit(kind text, total integer, rate_count integer, rate_per interval) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF total IS NULL AND rate_count IS NULL THEN
    DELETE FROM agents.kind_limit x WHERE x.kind = declare_limit.kind;
    RETURN;
  END IF;
  INSERT INTO agents.kind_limit (kind, total, rate_count, rate_per)
  VALUES (declare_limit.kind, declare_limit.total, declare_limit.rate_count, declare_limit.rate_per)
  ON CONFLICT (kind) DO UPDATE SET
    total = excluded.total, rate_count = excluded.rate_count, rate_per = excluded.rate_per;
END $$;

CREATE FUNCTION agents.declare_schedule(agent text, spec jsonb) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  former agents.schedule;
BEGIN
  SELECT * INTO former FROM agents.schedule s WHERE s.name = spec->>'name' FOR UPDATE;
  IF former.agent <> declare_schedule.agent AND former.retired_at IS NULL THEN
    PERFORM agents.refuse(format('The schedule %s belongs to the agent %s; give it another name.', former.name,
                                 former.agent));
  END IF;
  PERFORM agents.demand_own_kind(agent, spec->>'kind', 'The schedule ' || (spec->>'name'));
  IF ${isTooLarge(`(spec->'payload')`)} THEN
    PERFORM agents.refuse(format('The payload of the schedule %s is over 262144 bytes. Keep what is large in object '
                                 'storage and name its key.', spec->>'name'));
  END IF;
  INSERT INTO agents.schedule AS s (name, agent, kind, description, payload, priority, cron, every, zone, catch_up,
                                    catch_up_max, max_late, spacing)
  VALUES (spec->>'name', agent, spec->>'kind', spec->>'description', coalesce(spec->'payload', '{}'),
          agents.priority_rank(coalesce(spec->>'priority', 'default')), spec->>'cron',
          (spec->>'everyMs')::double precision * interval '1 ms', spec->>'zone', coalesce(spec->>'catchUp', 'one'),
          coalesce((spec->>'catchUpMax')::integer, 1), (spec->>'maxLateMs')::double precision * interval '1 ms',
          coalesce((spec->>'spacingMs')::double precision, 30000) * interval '1 ms')
  ON CONFLICT (name) DO UPDATE SET
    agent = excluded.agent, kind = excluded.kind, description = excluded.description, payload = excluded.payload,
    priority = excluded.priority, cron = excluded.cron, every = excluded.every, zone = excluded.zone,
    catch_up = excluded.catch_up, catch_up_max = excluded.catch_up_max, max_late = excluded.max_late,
    spacing = excluded.spacing, retired_at = NULL,
    -- Another rule, or one that was away: the next slot is computed anew, from now.
    next_slot = CASE WHEN (s.cron, s.every, s.zone) IS NOT DISTINCT FROM (excluded.cron, excluded.every, excluded.zone)
                          AND s.retired_at IS NULL THEN s.next_slot END;
END $$;

CREATE FUNCTION agents.demand_own_kind(agent text, kind text, who text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM agents.kind c
                  WHERE c.name = demand_own_kind.kind AND c.agent = demand_own_kind.agent AND c.retired_at IS NULL) THEN
    PERFORM agents.refuse(format('%s names the kind %s, which the agent %s does not have.', who, kind, agent));
  END IF;
END $$;

CREATE FUNCTION agents.declare(agent text, version text, kinds jsonb, subscriptions jsonb DEFAULT '[]',
                               schedules jsonb DEFAULT '[]') RETURNS void LANGUAGE plpgsql ${DEFINER} AS $$
#variable_conflict use_column
DECLARE
  spec jsonb;
  own_kinds       constant text[] := agents.each_of(declare.kinds, 'name');
  own_schedules   constant text[] := agents.each_of(coalesce(declare.schedules, '[]'), 'name');
  newer_kinds     text[];
  newer_schedules text[];
BEGIN
  PERFORM agents.demand(agents.may_act_for(agent), 'declare the agent ' || agent);
  -- Replicas that start at once declare one after the other.
  INSERT INTO agents.agent (name, version, declared_at) VALUES (declare.agent, declare.version, agents.now())
  ON CONFLICT (name) DO UPDATE SET declared_at = excluded.declared_at;
  INSERT INTO agents.declaration (agent, version, kinds, subscriptions, schedules)
  VALUES (declare.agent, declare.version, own_kinds, coalesce(declare.subscriptions, '[]'), own_schedules)
  ON CONFLICT (agent, version) DO UPDATE SET
    kinds = excluded.kinds, subscriptions = excluded.subscriptions, schedules = excluded.schedules;
  newer_kinds := ARRAY(SELECT unnest(d.kinds) FROM agents.newer_declarations(declare.agent, declare.version) d);
  newer_schedules := ARRAY(SELECT unnest(d.schedules) FROM agents.newer_declarations(declare.agent, declare.version) d);
  UPDATE agents.agent a SET version = declare.version
   WHERE a.name = declare.agent AND NOT EXISTS (SELECT FROM agents.newer_declarations(declare.agent, declare.version));
  PERFORM agents.retire_missing(agent, own_kinds || newer_kinds);
  FOR spec IN
    SELECT k FROM jsonb_array_elements(declare.kinds) k
     WHERE (k->>'name' = ANY (newer_kinds)) IS NOT TRUE ORDER BY k->>'name'
  LOOP
    PERFORM agents.declare_kind(agent, spec);
  END LOOP;
  PERFORM agents.declare_subscriptions(agent, version, newer_kinds);
  UPDATE agents.schedule s SET retired_at = agents.now()
   WHERE s.agent = declare.agent AND s.retired_at IS NULL AND s.name <> ALL (own_schedules || newer_schedules);
  FOR spec IN
    SELECT s FROM jsonb_array_elements(coalesce(declare.schedules, '[]')) s
     WHERE (s->>'name' = ANY (newer_schedules)) IS NOT TRUE ORDER BY s->>'name'
  LOOP
    PERFORM agents.declare_schedule(agent, spec);
  END LOOP;
END $$;
`;
