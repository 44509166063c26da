/** Tables of the ledger. Reasons for the storage settings and indexes: docs/adr, "hot rows move out". */
export const tables = `
CREATE TYPE agents.job_state AS ENUM ('pending', 'running', 'in_doubt', 'dead', 'done', 'cancelled');

-- The house's clock: what it is ahead of Postgres' own. Apart from the mark, so that the row that every statement
-- reads is never written in daily life.
CREATE TABLE agents.clock (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  clock_offset interval NOT NULL DEFAULT '0'
);
INSERT INTO agents.clock DEFAULT VALUES;

-- The latest time that the house has seen. A clock behind it is wrong.
CREATE TABLE agents.clock_mark (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  mark     timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 20);
INSERT INTO agents.clock_mark DEFAULT VALUES;

CREATE TABLE agents.agent (
  name        text COLLATE "C" PRIMARY KEY,
  version     text NOT NULL,
  paused      boolean NOT NULL DEFAULT false,
  declared_at timestamptz NOT NULL
);

-- What each version of an agent has declared; the higher number came later into the house.
CREATE TABLE agents.declaration (
  agent         text COLLATE "C" NOT NULL REFERENCES agents.agent,
  version       text NOT NULL,
  number        bigint GENERATED ALWAYS AS IDENTITY,
  kinds         text[] NOT NULL,
  subscriptions jsonb NOT NULL,
  schedules     text[] NOT NULL,
  PRIMARY KEY (agent, version)
);

-- The catalogue. Enqueue and claim read one row of it.
CREATE TABLE agents.kind (
  name            text COLLATE "C" PRIMARY KEY,
  number          smallint GENERATED ALWAYS AS IDENTITY UNIQUE,
  agent           text COLLATE "C" NOT NULL REFERENCES agents.agent,
  owner           name NOT NULL,
  needs_internet  text CHECK (needs_internet IN ('licence', 'stamping', 'notification', 'copy')),
  delivery        text NOT NULL CHECK (delivery IN ('ask', 'at-most-once', 'at-least-once')),
  ordered         boolean NOT NULL,
  depends_on_time boolean NOT NULL,
  limited         boolean NOT NULL,
  enqueuers       text[] NOT NULL,
  shown           text[] NOT NULL,
  retired_at      timestamptz
);

-- Limits over all replicas: locked and debited by the claim.
CREATE TABLE agents.kind_limit (
  kind        text COLLATE "C" PRIMARY KEY REFERENCES agents.kind,
  total       integer CHECK (total > 0),
  rate_count  integer CHECK (rate_count > 0),
  rate_per    interval CHECK (rate_per > '0'),
  -- Starts that still count against the rate, gathered in spans of a 64th of its time: each span's end, and how many.
  spent_at    timestamptz[] NOT NULL DEFAULT '{}',
  spent       integer[] NOT NULL DEFAULT '{}',
  CHECK ((rate_count IS NULL) = (rate_per IS NULL))
) WITH (fillfactor = 20);

-- Which organization a client's login belongs to.
CREATE TABLE agents.client (
  login        name PRIMARY KEY,
  organization uuid NOT NULL
);

-- Hot rows only: pending, running, in doubt, dead. Done and cancelled rows move to job_finished.
CREATE TABLE agents.job (
  id                  uuid PRIMARY KEY,
  run_at              timestamptz NOT NULL,
  created_at          timestamptz NOT NULL,
  claimed_at          timestamptz,
  ended_at            timestamptz,
  cancel_requested_at timestamptz,
  slot                timestamptz,
  order_seq           bigint,
  organization        uuid,
  worker              uuid,
  wait                interval,
  dispatch            integer NOT NULL DEFAULT 0,
  attempts            integer NOT NULL DEFAULT 0,
  state               agents.job_state NOT NULL DEFAULT 'pending',
  progress            real,
  priority            smallint NOT NULL,
  losses              smallint NOT NULL DEFAULT 0,
  alone               boolean NOT NULL DEFAULT false,
  kind                text COLLATE "C" NOT NULL,
  order_key           text COLLATE "C",
  scope               text COLLATE "C",
  dedupe_key          text COLLATE "C",
  traceparent         text,
  phrase              text,
  intent              jsonb,
  last_error          jsonb,
  payload             jsonb NOT NULL,
  -- So that a fence need not ask for the state: who is named here holds the row.
  CHECK ((state = 'running') = (worker IS NOT NULL))
) WITH (
  -- Room for the version that the claim writes, so that it stays on the page that is in memory anyway.
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000
);
COMMENT ON COLUMN agents.job.wait IS 'How long run_at was put off by a policy; NULL when the caller chose run_at. '
  'A run_at further away than this shows that the clock stepped back.';

-- Every index costs each enqueue and each claim about 0.7 us, so one serves several questions where it can.
CREATE INDEX job_pending ON agents.job (kind, alone, priority, run_at, id) WHERE state = 'pending';
CREATE INDEX job_active  ON agents.job (kind, state, worker) WHERE state <> 'pending';
CREATE INDEX job_order   ON agents.job (kind, order_key, order_seq)
  WHERE order_key IS NOT NULL AND state IN ('pending', 'running', 'in_doubt');
-- The wall: whatever a claim believes, two rows of one order key never run at once.
CREATE UNIQUE INDEX job_order_wall ON agents.job (kind, order_key)
  WHERE order_key IS NOT NULL AND state IN ('running', 'in_doubt');
-- Rows of ordered kinds that an event or a schedule made: they have no key, and wait for nobody.
CREATE INDEX job_unkeyed ON agents.job (kind, priority, run_at, id)
  WHERE order_key IS NULL AND order_seq IS NOT NULL;
CREATE SEQUENCE agents.order_seq;

CREATE TABLE agents.job_finished (
  id           uuid NOT NULL,
  created_at   timestamptz NOT NULL,
  claimed_at   timestamptz,
  finished_at  timestamptz NOT NULL,
  slot         timestamptz,
  run_at       timestamptz NOT NULL,
  organization uuid,
  worker       uuid,
  dispatch     integer NOT NULL,
  attempts     integer NOT NULL,
  state        agents.job_state NOT NULL,
  priority     smallint NOT NULL,
  losses       smallint NOT NULL,
  kind         text COLLATE "C" NOT NULL,
  order_key    text COLLATE "C",
  scope        text COLLATE "C",
  dedupe_key   text COLLATE "C",
  traceparent  text,
  intent       jsonb,
  last_error   jsonb,
  payload      jsonb NOT NULL,
  result       jsonb
) PARTITION BY RANGE (finished_at);
CREATE INDEX job_finished_id ON agents.job_finished (id);
CREATE INDEX job_finished_kind ON agents.job_finished (kind, id);
CREATE INDEX job_finished_cancelled ON agents.job_finished (kind, id) WHERE state = 'cancelled';
-- So that pruning finds the keys that go with their rows. Rows without a key pay nothing.
CREATE INDEX job_finished_keyed ON agents.job_finished (id) WHERE dedupe_key IS NOT NULL;
CREATE INDEX job_finished_at ON agents.job_finished USING brin (finished_at) WITH (pages_per_range = 32);
CREATE TABLE agents.job_finished_default PARTITION OF agents.job_finished DEFAULT;

-- Every outcome but the final good one, which the finished row itself carries. Append-only.
CREATE TABLE agents.attempt (
  job        uuid NOT NULL,
  started_at timestamptz,
  ended_at   timestamptz NOT NULL,
  worker     uuid,
  dispatch   integer NOT NULL,
  counted    boolean NOT NULL,
  kind       text COLLATE "C" NOT NULL,
  outcome    text NOT NULL,
  instance   text,
  error      jsonb,
  intent     jsonb
) PARTITION BY RANGE (ended_at);
CREATE INDEX attempt_job ON agents.attempt (job);
CREATE TABLE agents.attempt_default PARTITION OF agents.attempt DEFAULT;

CREATE TABLE agents.job_log (
  job      uuid NOT NULL,
  at       timestamptz NOT NULL,
  dispatch integer NOT NULL,
  level    text NOT NULL,
  line     text NOT NULL,
  fields   jsonb
) PARTITION BY RANGE (at);
CREATE INDEX job_log_job ON agents.job_log (job);
CREATE TABLE agents.job_log_default PARTITION OF agents.job_log DEFAULT;

-- Intents whose outcome became known while the job went on. The open intent stands in the job's row.
CREATE TABLE agents.intent (
  job          uuid NOT NULL,
  dispatch     integer NOT NULL,
  key          text NOT NULL,
  request_hash text,
  since        timestamptz NOT NULL,
  settled_at   timestamptz NOT NULL,
  outcome      text NOT NULL
);
CREATE INDEX intent_job ON agents.intent (job);

-- Dedupe keys live as long as their job is kept, in whichever table that is. All zeros = no organization.
CREATE TABLE agents.dedupe (
  organization uuid NOT NULL,
  kind         text COLLATE "C" NOT NULL,
  key          text COLLATE "C" NOT NULL,
  job          uuid NOT NULL,
  PRIMARY KEY (organization, kind, key)
);

CREATE TABLE agents.worker (
  incarnation uuid PRIMARY KEY,
  agent       text COLLATE "C" NOT NULL REFERENCES agents.agent,
  instance    text NOT NULL,
  login       name NOT NULL,
  about       jsonb NOT NULL,
  counter     bigint NOT NULL DEFAULT 0,
  started_at  timestamptz NOT NULL,
  -- The Postgres that it started under. Claims that another one never wrote down are unknown to this one.
  postmaster_start timestamptz NOT NULL,
  beat_at     timestamptz NOT NULL,
  lost_at     timestamptz,
  stopped_at  timestamptz
) WITH (fillfactor = 20);
CREATE UNIQUE INDEX worker_live ON agents.worker (agent, instance) WHERE lost_at IS NULL AND stopped_at IS NULL;

CREATE TABLE agents.hold (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind         text COLLATE "C",
  organization uuid,
  scope        text COLLATE "C",
  until        timestamptz,
  reason       text NOT NULL,
  held_by      name NOT NULL,
  held_at      timestamptz NOT NULL,
  CHECK (num_nonnulls(kind, organization, scope) > 0)
);
CREATE INDEX hold_kind ON agents.hold (kind);
CREATE UNIQUE INDEX hold_target ON agents.hold
  (coalesce(kind, ''), coalesce(organization, '00000000-0000-0000-0000-000000000000'), coalesce(scope, ''));

CREATE TABLE agents.subscription (
  event text NOT NULL,
  kind  text COLLATE "C" NOT NULL REFERENCES agents.kind,
  PRIMARY KEY (event, kind)
);

CREATE TABLE agents.schedule (
  name         text COLLATE "C" PRIMARY KEY,
  agent        text COLLATE "C" NOT NULL REFERENCES agents.agent,
  kind         text COLLATE "C" NOT NULL REFERENCES agents.kind,
  description  text,
  payload      jsonb NOT NULL,
  priority     smallint NOT NULL,
  cron         text,
  every        interval CHECK (every >= '1 s'),
  zone         text NOT NULL,
  catch_up     text NOT NULL CHECK (catch_up IN ('one', 'all', 'skip')),
  catch_up_max integer NOT NULL CHECK (catch_up_max > 0),
  max_late     interval,
  spacing      interval NOT NULL,
  paused       boolean NOT NULL DEFAULT false,
  resumed_at   timestamptz,
  next_slot    timestamptz,
  computed_at  timestamptz,
  last_slot    timestamptz,
  last_job     uuid,
  last_run_at  timestamptz,
  late_run_at  timestamptz,
  missed       bigint NOT NULL DEFAULT 0,
  -- No process declares it any more. Should it come back, it still is paused and knows its last slot.
  retired_at   timestamptz,
  CHECK (num_nonnulls(cron, every) = 1)
);

-- One row per slot that fired: the reason why no slot runs twice.
CREATE TABLE agents.schedule_slot (
  schedule text COLLATE "C" NOT NULL,
  slot     timestamptz NOT NULL,
  job      uuid NOT NULL,
  fired_at timestamptz NOT NULL,
  manual   boolean NOT NULL,
  PRIMARY KEY (schedule, slot)
);

CREATE TABLE agents.connectivity (
  only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  state       text NOT NULL DEFAULT 'unknown' CHECK (state IN ('unknown', 'online', 'degraded', 'offline')),
  since       timestamptz,
  checked_at  timestamptz,
  latency_ms  integer,
  last_error  text,
  -- How many classes, in the order of release, are open since the line came back.
  stage       smallint NOT NULL DEFAULT 4 CHECK (stage BETWEEN 1 AND 4),
  stage_since timestamptz
) WITH (fillfactor = 20);
INSERT INTO agents.connectivity DEFAULT VALUES;
`;
