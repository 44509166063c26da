import { DEFINER } from './definer.ts';

/** Partitions by week, and pruning: whole partitions where possible, else small batches; never what is unfinished. */
export const maintain = `
-- The sync agent keeps the ledger of all; people may do it in its place.
CREATE FUNCTION agents.demand_keeper(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM agents.demand(agents.may_act_for('sync') OR agents.is_operator(), what);
END $$;

CREATE FUNCTION agents.week_of(at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT date_trunc('week', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
$$;

-- The tables that are partitioned by week, and the column that decides.
CREATE FUNCTION agents.histories() RETURNS TABLE (parent text, age_column text) LANGUAGE sql IMMUTABLE AS $$
  VALUES ('job_finished', 'finished_at'), ('attempt', 'ended_at'), ('job_log', 'at')
$$;

-- Makes the partition of one week. Rows of that week that had to go to the default partition move along.
CREATE FUNCTION agents.make_partition(parent text, age_column text, week timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  part constant text := parent || '_' || to_char(week AT TIME ZONE 'UTC', 'YYYYMMDD');
BEGIN
  IF to_regclass('agents.' || part) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format('LOCK TABLE agents.%I IN ACCESS EXCLUSIVE MODE', parent || '_default');
  EXECUTE format('CREATE TABLE agents.%I (LIKE agents.%I INCLUDING ALL)', part, parent);
  EXECUTE format('WITH moved AS (DELETE FROM agents.%I WHERE %I >= $1 AND %2$I < $2 RETURNING *) '
                 'INSERT INTO agents.%3$I SELECT * FROM moved', parent || '_default', age_column, part)
    USING week, week + interval '7 days';
  EXECUTE format('ALTER TABLE agents.%I ATTACH PARTITION agents.%I FOR VALUES FROM (%L) TO (%L)', parent, part, week,
                 week + interval '7 days');
END $$;

-- Makes the partitions of this week and the next four. Until it has run, and whenever a lock is not to be had, the
-- default partitions take the rows, so that no finish ever fails for want of a partition.
CREATE FUNCTION agents.maintain() RETURNS void
LANGUAGE plpgsql ${DEFINER} SET lock_timeout = '1s' SET timezone = 'UTC' AS $$
DECLARE
  h record;
BEGIN
  PERFORM agents.demand_keeper('maintain the ledger');
  IF NOT pg_try_advisory_xact_lock(1852993382, 0) THEN
    RETURN; -- another process is at it
  END IF;
  FOR h IN
    SELECT t.parent, t.age_column, agents.week_of(agents.now()) + n * interval '7 days' AS week
      FROM agents.histories() t, generate_series(0, 4) n
  LOOP
    BEGIN
      PERFORM agents.make_partition(h.parent, h.age_column, h.week);
    EXCEPTION WHEN lock_not_available THEN
      RAISE NOTICE 'The partition of % for % waits: the table is in use.', h.parent, h.week;
    END;
  END LOOP;
END $$;

-- Partitions of a history that end before the cutoff.
CREATE FUNCTION agents.old_partitions(parent text, cutoff timestamptz) RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
   WHERE i.inhparent = ('agents.' || parent)::regclass AND c.relname ~ '_[0-9]{8}$'
     AND (to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC') + interval '7 days' <= cutoff
   ORDER BY c.relname
$$;

-- Removes finished rows together with their dedupe keys, at most batch of them.
CREATE FUNCTION agents.prune_finished(from_table text, condition text, cutoff timestamptz, batch integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
BEGIN
  EXECUTE format(
    'WITH old AS MATERIALIZED (SELECT id FROM agents.%1$I WHERE %2$s LIMIT $2), '
    'gone AS (DELETE FROM agents.%1$I f USING old WHERE f.id = old.id RETURNING f.*), '
    'keys AS (DELETE FROM agents.dedupe d USING gone g WHERE g.dedupe_key IS NOT NULL AND d.kind = g.kind '
    '         AND d.organization = coalesce(g.organization, ''00000000-0000-0000-0000-000000000000'') '
    '         AND d.key = g.dedupe_key AND d.job = g.id) '
    'SELECT count(*) FROM gone', from_table, condition) INTO removed USING cutoff, batch;
  RETURN removed;
END $$;

-- Drops a partition whose rows all are older; what belongs to an unfinished job moves to the default partition.
-- Answers about how many rows that removed, or NULL when somebody reads the table. Every finish waits behind the lock,
-- so whatever reads rows comes before it.
CREATE FUNCTION agents.drop_partition(parent text, part text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  held constant integer := (
    SELECT greatest(1, c.reltuples) FROM pg_class c WHERE c.oid = ('agents.' || part)::regclass);
  kept constant text := part || '_kept';
BEGIN
  IF parent <> 'job_finished' THEN
    EXECUTE format('CREATE TABLE agents.%I AS SELECT p.* FROM agents.%I p WHERE EXISTS '
                   '(SELECT FROM agents.job j WHERE j.id = p.job)', kept, part);
  END IF;
  EXECUTE format('ALTER TABLE agents.%I DETACH PARTITION agents.%I', parent, part);
  IF parent <> 'job_finished' THEN
    EXECUTE format('INSERT INTO agents.%I SELECT * FROM agents.%I', parent, kept);
    EXECUTE format('DROP TABLE agents.%I', kept);
  END IF;
  EXECUTE format('DROP TABLE agents.%I', part);
  RETURN held;
EXCEPTION WHEN lock_not_available THEN
  RETURN NULL;
END $$;

-- Drops one whole week that is older, of the first history that lets go of its oldest. Answers 0 when there is none, or
-- none is to be had.
CREATE FUNCTION agents.drop_oldest(cutoff timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  h record;
  dropped integer;
BEGIN
  FOR h IN
    SELECT t.parent, (SELECT min(p) FROM agents.old_partitions(t.parent, cutoff) p) AS oldest FROM agents.histories() t
  LOOP
    CONTINUE WHEN h.oldest IS NULL;
    dropped := agents.drop_partition(h.parent, h.oldest);
    IF dropped IS NOT NULL THEN
      RETURN dropped;
    END IF;
  END LOOP;
  RETURN 0;
END $$;

-- Removes dedupe keys of whole weeks that are older, with their rows, so that these may be dropped.
CREATE FUNCTION agents.prune_keys(cutoff timestamptz, batch integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  part text;
  removed integer := 0;
BEGIN
  FOR part IN SELECT agents.old_partitions('job_finished', cutoff) LOOP
    removed := removed + agents.prune_finished(part, 'dedupe_key IS NOT NULL', cutoff, batch - removed);
    EXIT WHEN removed >= batch;
  END LOOP;
  RETURN removed;
END $$;

-- Removes single rows of a history that are older.
CREATE FUNCTION agents.prune_history(parent text, age_column text, cutoff timestamptz, batch integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
BEGIN
  IF parent = 'job_finished' THEN
    RETURN agents.prune_finished(parent, 'finished_at < $1', cutoff, batch);
  END IF;
  EXECUTE format('DELETE FROM agents.%1$I a WHERE (a.tableoid, a.ctid) IN (SELECT b.tableoid, b.ctid '
                 'FROM agents.%1$I b WHERE b.%2$I < $1 '
                 'AND NOT EXISTS (SELECT FROM agents.job j WHERE j.id = b.job) LIMIT $2)',
                 parent, age_column) USING cutoff, batch;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

-- Removes what is older, at most about batch rows or one whole week of one history at a time; call it until it
-- answers 0.
CREATE FUNCTION agents.prune(older_than interval, batch integer DEFAULT 1000) RETURNS integer
LANGUAGE plpgsql ${DEFINER} SET lock_timeout = '200ms' SET timezone = 'UTC' AS $$
DECLARE
  cutoff constant timestamptz := agents.now() - older_than;
  h record;
  removed integer := 0;
  step integer;
BEGIN
  PERFORM agents.demand_keeper('prune the ledger');
  IF older_than IS NULL OR older_than < '0' OR batch IS NULL OR batch < 1 THEN
    RAISE EXCEPTION 'Prune needs an age and a batch of at least 1.' USING ERRCODE = 'NX004';
  END IF;
  IF NOT pg_try_advisory_xact_lock(1852993382, 0) THEN
    RETURN 0; -- another process is at it
  END IF;
  removed := agents.prune_keys(cutoff, batch);
  IF removed = 0 THEN
    removed := agents.drop_oldest(cutoff);
  END IF;
  IF removed > 0 THEN
    RETURN removed;
  END IF;
  FOR h IN SELECT * FROM agents.histories() LOOP
    removed := removed + agents.prune_history(h.parent, h.age_column, cutoff, batch);
  END LOOP;
  DELETE FROM agents.intent i WHERE i.ctid = ANY (ARRAY(
    SELECT x.ctid FROM agents.intent x
     WHERE x.settled_at < cutoff AND NOT EXISTS (SELECT FROM agents.job j WHERE j.id = x.job) LIMIT batch));
  GET DIAGNOSTICS step = ROW_COUNT;
  removed := removed + step;
  DELETE FROM agents.schedule_slot s WHERE s.ctid = ANY (ARRAY(
    SELECT x.ctid FROM agents.schedule_slot x WHERE greatest(x.slot, x.fired_at) < cutoff LIMIT batch));
  GET DIAGNOSTICS step = ROW_COUNT;
  removed := removed + step;
  DELETE FROM agents.worker w WHERE w.ctid = ANY (ARRAY(
    SELECT x.ctid FROM agents.worker x
     WHERE coalesce(x.lost_at, x.stopped_at) < cutoff
       AND NOT EXISTS (SELECT FROM agents.job j WHERE j.worker = x.incarnation AND j.state = 'running') LIMIT batch));
  GET DIAGNOSTICS step = ROW_COUNT;
  removed := removed + step;
  DELETE FROM agents.hold x WHERE x.until < least(cutoff, agents.now());
  GET DIAGNOSTICS step = ROW_COUNT;
  RETURN removed + step;
END $$;
`;
