import { FURTHEST, HOT, isTooLarge, NOW } from './definer.ts';

/** Handing over: jobs and events. */
export const enqueue = `
CREATE FUNCTION agents.priority_rank(priority text) RETURNS smallint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  rank constant integer := array_position('{critical,high,default,low}'::text[], priority);
BEGIN
  IF rank IS NULL THEN
    RAISE EXCEPTION 'There is no priority "%"; use critical, high, default or low.', priority USING ERRCODE = 'NX004';
  END IF;
  RETURN rank - 1;
END $$;

CREATE FUNCTION agents.priority_name(rank smallint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT ('{critical,high,default,low}'::text[])[rank + 1]
$$;

-- 1852993377 is the first number of the advisory locks by which a listener tells that it sleeps; the second is the
-- kind's number. Says at commit that a kind has work, if a listener of that kind sleeps. A NOTIFY in every transaction
-- would halve the commit rate, and a flag in a table would grow dead versions under every open snapshot; a lock does
-- neither, and vanishes with its listener.
CREATE FUNCTION agents.notify_sleepers(kind text, number smallint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  -- One expression, which no cancelled statement can leave half done: a lock that stayed would make everybody notify.
  awake constant boolean := CASE WHEN pg_try_advisory_lock(1852993377, number)
                                 THEN pg_advisory_unlock(1852993377, number) ELSE false END;
BEGIN
  IF awake THEN
    RETURN false;
  END IF;
  PERFORM pg_notify('agents_work', kind);
  RETURN true;
END $$;

-- Bytes of a JSON text without the spaces that Postgres writes between its parts.
CREATE FUNCTION agents.compact_size(payload jsonb) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN octet_length(payload::text) > 1000000 THEN octet_length(payload::text)
    ELSE octet_length(regexp_replace(payload::text, '("(?:[^"\\\\]|\\\\.)*")|\\s+', '\\1', 'g')) END
$$;

-- Puts a row in. Whoever calls has judged that it may be.
CREATE FUNCTION agents.put_job(
  kind text, number smallint, ordered boolean, payload jsonb, rank smallint, run_at timestamptz, at timestamptz,
  dedupe_key text DEFAULT NULL, organization uuid DEFAULT NULL, order_key text DEFAULT NULL, scope text DEFAULT NULL,
  traceparent text DEFAULT NULL, slot timestamptz DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  job_id constant uuid := agents.new_id(clock_timestamp() + (at - statement_timestamp()));
  existing uuid;
  notified boolean; -- an assignment runs without a query of its own, a PERFORM does not
BEGIN
  IF ${isTooLarge('payload')} THEN
    RAISE EXCEPTION 'The payload of % is over 262144 bytes. Keep what is large in object storage and hand over its '
      'key.', put_job.kind USING ERRCODE = 'NX002';
  END IF;
  IF dedupe_key IS NOT NULL THEN
    LOOP
      INSERT INTO agents.dedupe AS d (organization, kind, key, job)
      VALUES (coalesce(put_job.organization, '00000000-0000-0000-0000-000000000000'), put_job.kind, put_job.dedupe_key,
              job_id)
      ON CONFLICT DO NOTHING;
      EXIT WHEN FOUND;
      SELECT d.job INTO existing FROM agents.dedupe d
       WHERE d.organization = coalesce(put_job.organization, '00000000-0000-0000-0000-000000000000')
         AND d.kind = put_job.kind AND d.key = put_job.dedupe_key;
      IF FOUND THEN
        RETURN existing;
      END IF; -- pruned in between: once more
    END LOOP;
  END IF;
  INSERT INTO agents.job AS j (id, run_at, created_at, slot, order_seq, organization, priority, kind, order_key, scope,
                               dedupe_key, traceparent, payload)
  VALUES (job_id, put_job.run_at, at, put_job.slot, CASE WHEN ordered THEN nextval('agents.order_seq') END,
          put_job.organization, rank, put_job.kind, put_job.order_key, put_job.scope, put_job.dedupe_key,
          put_job.traceparent, put_job.payload);
  IF put_job.run_at <= at THEN
    notified := agents.notify_sleepers(put_job.kind, number);
  END IF;
  RETURN job_id;
END $$;

-- The slow half of the question who may enqueue: everybody but the login that declared the kind.
CREATE FUNCTION agents.demand_enqueuer(kind text, rank smallint, organization uuid) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
  k   agents.kind;
  own uuid;
BEGIN
  SELECT * INTO k FROM agents.kind c WHERE c.name = demand_enqueuer.kind;
  IF agents.may_act_for(k.agent)
     OR EXISTS (SELECT FROM unnest(k.enqueuers) e WHERE e <> 'client' AND agents.belongs_to(agents.login_of(e))) THEN
    RETURN organization;
  END IF;
  PERFORM agents.demand('client' = ANY (k.enqueuers) AND agents.belongs_to('agents_client'), 'enqueue ' || k.name);
  PERFORM agents.demand(rank > 0, 'enqueue with priority critical');
  SELECT c.organization INTO own FROM agents.client c WHERE c.login = session_user;
  PERFORM agents.demand(organization IS NULL OR organization IS NOT DISTINCT FROM own,
                        'enqueue for an organization that is not its own');
  RETURN own;
END $$;

CREATE FUNCTION agents.enqueue(
  kind text, payload jsonb, dedupe_key text DEFAULT NULL, priority text DEFAULT 'default',
  run_at timestamptz DEFAULT agents.now(), organization uuid DEFAULT NULL, order_key text DEFAULT NULL,
  scope text DEFAULT NULL, traceparent text DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql ${HOT} AS $$
#variable_conflict use_column
DECLARE
  at         timestamptz;
  kind_owner name;
  number     smallint;
  ordered    boolean;
  rank       smallint := 2;
  whose      uuid := enqueue.organization;
BEGIN
  SELECT ${NOW}, k.owner, k.number, k.ordered INTO at, kind_owner, number, ordered
    FROM agents.kind AS k WHERE k.name = enqueue.kind AND k.retired_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no kind "%". Has its agent been started against this database?', enqueue.kind
      USING ERRCODE = 'NX001';
  END IF;
  IF enqueue.priority <> 'default' OR enqueue.priority IS NULL THEN
    rank := agents.priority_rank(enqueue.priority);
  END IF;
  IF kind_owner <> session_user THEN
    whose := agents.demand_enqueuer(enqueue.kind, rank, enqueue.organization);
  END IF;
  IF enqueue.payload IS NULL THEN
    RAISE EXCEPTION 'The payload of % is missing; hand over {} when there is nothing to say.', enqueue.kind
      USING ERRCODE = 'NX004';
  END IF;
  IF (enqueue.order_key IS NOT NULL) <> ordered THEN
    RAISE EXCEPTION 'The kind % is %.', enqueue.kind,
      CASE WHEN ordered THEN 'ordered: hand over an order key' ELSE 'not ordered: leave the order key out' END
      USING ERRCODE = 'NX004';
  END IF;
  IF length(enqueue.dedupe_key) > 500 OR length(enqueue.order_key) > 200 OR length(enqueue.scope) > 200
     OR length(enqueue.traceparent) > 200 OR enqueue.dedupe_key = '' OR enqueue.order_key = '' THEN
    RAISE EXCEPTION 'A key of % is empty or too long: dedupe key 1 to 500 characters, order key and scope 1 to 200.',
      enqueue.kind USING ERRCODE = 'NX004';
  END IF;
  IF enqueue.run_at > at + ${FURTHEST} THEN
    RAISE EXCEPTION 'run_at of % is more than 10 years ahead. Hand over a nearer time, or none for now.', enqueue.kind
      USING ERRCODE = 'NX004';
  END IF;
  -- Nobody gets ahead of those who wait by naming a time that has passed.
  RETURN agents.put_job(
    kind => enqueue.kind, number => number, ordered => ordered, payload => enqueue.payload, rank => rank,
    run_at => greatest(enqueue.run_at, at), at => at, dedupe_key => enqueue.dedupe_key, organization => whose,
    order_key => enqueue.order_key, scope => enqueue.scope, traceparent => enqueue.traceparent);
END $$;

CREATE FUNCTION agents.emit(event text, payload jsonb, organization uuid DEFAULT NULL, traceparent text DEFAULT NULL)
RETURNS text[] LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  k    agents.kind;
  at   constant timestamptz := agents.now();
  rung text[] := '{}';
BEGIN
  FOR k IN
    SELECT c.* FROM agents.subscription s JOIN agents.kind c ON c.name = s.kind
     WHERE s.event = emit.event AND c.retired_at IS NULL ORDER BY c.name
  LOOP
    PERFORM agents.put_job(
      kind => k.name, number => k.number, ordered => k.ordered, payload => coalesce(emit.payload, '{}'),
      rank => 2::smallint, run_at => at, at => at, organization => emit.organization, traceparent => emit.traceparent);
    rung := rung || k.name::text;
  END LOOP;
  RETURN rung;
END $$;
`;
