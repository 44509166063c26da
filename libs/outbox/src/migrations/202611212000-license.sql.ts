import { claim, isFree, isStill, noOlder } from './202611211003-claim.sql.ts';
import { connectivity } from './202611211007-connectivity.sql.ts';
import { declare } from './202611211009-declare.sql.ts';
import { views } from './202611211011-views.sql.ts';
import { grants } from './202611211012-grants.sql.ts';
import { DEFINER, notHeld } from './definer.ts';
import { revised, revisedView } from './revised.ts';

/** True while the licence lets only go on what is under way. Asked of kinds that need one, so others pay nothing. */
export const IS_LIMITED = '(SELECT l.limited FROM agents.license_gate l WHERE l.only_row)';

/**
 * A due row of a kind that may be claimed by its kind's gates, where `k` is the kind. While the licence is limited, of
 * kinds that need one only the rows with an open intent count, which an index of their own finds.
 */
const claimableRow = (any: string): string => `CASE WHEN k.needs_license AND ${IS_LIMITED} THEN EXISTS (
       SELECT FROM agents.job j
        WHERE j.kind = k.name AND j.intent IS NOT NULL AND j.state::text = 'pending' AND j.run_at <= at
          AND ${notHeld('j')})
     ELSE EXISTS (${any}) END`;

const anyDueRow = `
       SELECT FROM agents.job j
        WHERE j.kind = k.name AND j.alone = ANY ('{false,true}'::boolean[])
          AND j.priority = ANY ('{0,1,2,3}'::smallint[]) AND j.state = 'pending' AND j.run_at <= at
          AND ${notHeld('j')}`;

/** The gate of the licence: the one place where a limited mode is enforced. */
export const license = `
-- What the license agent last decided. Nobody has reported yet: unknown, and nothing waits.
CREATE TABLE agents.license_gate (
  only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  mode        text NOT NULL DEFAULT 'unknown'
              CHECK (mode IN ('unknown', 'valid', 'grace', 'limited', 'revoked', 'invalid')),
  limited     boolean NOT NULL GENERATED ALWAYS AS (mode IN ('limited', 'revoked', 'invalid')) STORED,
  reason      text,
  since       timestamptz,
  reported_at timestamptz,
  details     jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 20);
INSERT INTO agents.license_gate DEFAULT VALUES;

ALTER TABLE agents.kind ADD needs_license boolean NOT NULL DEFAULT false;

-- What is under way: few rows, and none of a kind that asks nothing outside. Claims of a limited kind find them here
-- and need not walk over all that wait.
CREATE INDEX job_under_way ON agents.job (kind, priority, run_at, id) WHERE intent IS NOT NULL;

-- under_way: only rows with an open intent may be taken now.
ALTER TYPE agents.gate ADD ATTRIBUTE under_way boolean;

${revised(claim, 'pass', [
  [
    'k.limited, k.delivery, a.paused, h.*',
    `k.limited, k.delivery, a.paused,\n         k.needs_license AND ${IS_LIMITED} AS under_way, h.*`,
  ],
  ['  g.limited := seen.limited;', '  g.limited := seen.limited;\n  g.under_way := seen.under_way;'],
])}

-- Claims what is under way while all else of the kind waits for the licence. Row by row, since there are no more of
-- them than jobs that ran at once; the hints of the queue's head do not concern them.
CREATE FUNCTION agents.claim_under_way(g agents.gate, want integer) RETURNS SETOF agents.claimed
LANGUAGE plpgsql AS $$
DECLARE
  c   record;
  got integer := 0;
BEGIN
  FOR c IN
    SELECT q.id, q.order_key FROM agents.job q
     WHERE q.kind = g.kind AND q.intent IS NOT NULL AND ${isStill('q', 'NOT q.alone')} AND ${isFree}
       AND (q.order_key IS NULL OR ${noOlder('q')})
     ORDER BY q.priority, q.run_at, q.id
  LOOP
    RETURN QUERY SELECT * FROM agents.claim_of_order(g, c.id, c.order_key);
    got := got + FOUND::integer;
    EXIT WHEN got >= want;
  END LOOP;
END $$;

${revised(claim, 'claim', [
  [
    '  IF g.ordered THEN\n',
    `  IF g.under_way THEN
    RETURN QUERY SELECT * FROM agents.claim_under_way(g, want);
    GET DIAGNOSTICS got = ROW_COUNT;
  ELSIF g.ordered THEN\n`,
  ],
])}

${revised(claim, 'alone_of', [['q.run_at <= g.at AND', 'q.run_at <= g.at AND (NOT g.under_way OR q.intent IS NOT NULL) AND']])}

${revised(connectivity, 'is_class_busy', [[`EXISTS (${anyDueRow}))`, `${claimableRow(anyDueRow)})`]])}

${revised(declare, 'declare_kind', [
  [
    'depends_on_time, limited,\n                                enqueuers, shown)',
    'depends_on_time, limited,\n                                needs_license, enqueuers, shown)',
  ],
  [
    ' is_limited,\n          agents.texts',
    " is_limited,\n          coalesce((spec->>'needsLicense')::boolean, false), agents.texts",
  ],
  ['limited = excluded.limited,\n', 'limited = excluded.limited,\n    needs_license = excluded.needs_license,\n'],
  ['kind.limited,\n', 'kind.limited, kind.needs_license,\n'],
  ['excluded.limited, excluded.enqueuers', 'excluded.limited, excluded.needs_license, excluded.enqueuers'],
])}

-- The license agent's word. Answers whether the mode is another than before. What waited is looked at again at once.
-- details: what the mode rests on, for who looks; signedTime, a time that the portal has just signed for this house,
-- also frees a clock whose mark was once raised into the future.
CREATE FUNCTION agents.report_license(mode text, reason text DEFAULT NULL, details jsonb DEFAULT '{}')
RETURNS boolean LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  former agents.license_gate;
  at     constant timestamptz := agents.now();
BEGIN
  PERFORM agents.demand(agents.may_act_for('license'), 'report on the licence');
  IF report_license.mode IS NULL OR report_license.mode NOT IN ('valid', 'grace', 'limited', 'revoked', 'invalid') THEN
    RAISE EXCEPTION 'There is no mode "%" of the licence; use valid, grace, limited, revoked or invalid.',
      report_license.mode USING ERRCODE = 'NX004';
  END IF;
  IF jsonb_typeof(report_license.details) IS DISTINCT FROM 'object'
     OR octet_length(report_license.details::text) > 16384 OR length(report_license.reason) > 500 THEN
    RAISE EXCEPTION 'A report on the licence has a reason of at most 500 characters and details, a JSON object of at '
                    'most 16 kB.' USING ERRCODE = 'NX004';
  END IF;
  -- Should somebody have emptied the table: nothing waits then, until the next word.
  INSERT INTO agents.license_gate DEFAULT VALUES ON CONFLICT DO NOTHING;
  SELECT * INTO former FROM agents.license_gate l WHERE l.only_row FOR UPDATE;
  UPDATE agents.license_gate l
     SET mode = report_license.mode, reason = report_license.reason, details = report_license.details,
         reported_at = at, since = CASE WHEN l.mode = report_license.mode THEN l.since ELSE at END;
  PERFORM agents.believe_time(agents.time_of(report_license.details->>'signedTime'), at);
  IF (former.mode, former.reason) IS DISTINCT FROM (report_license.mode, report_license.reason) THEN
    PERFORM pg_notify('agents_control', 'license');
  END IF;
  RETURN former.mode <> report_license.mode;
END $$;

CREATE FUNCTION agents.time_of(written text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN written::timestamptz;
EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow OR invalid_parameter_value THEN
  RAISE EXCEPTION 'The signed time is no time; write it by ISO 8601.' USING ERRCODE = 'NX004';
END $$;

-- A wrong clock once raised the high-water mark into the future; somebody who knows says that the present time is right.
CREATE FUNCTION agents.believe_time(known timestamptz, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF abs(date_part('epoch', known - at)) < 120
     AND (SELECT m.mark > at + interval '2 min' FROM agents.clock_mark m) THEN
    PERFORM agents.trust_clock();
    PERFORM pg_notify('agents_control', 'clock');
  END IF;
END $$;

${revised(connectivity, 'report_connectivity', [
  [
    `  -- A wrong clock once raised the high-water mark into the future; the outside says that the present time is right.
  IF abs(date_part('epoch', outside_time - at)) < 120
     AND (SELECT m.mark > at + interval '2 min' FROM agents.clock_mark m) THEN
    PERFORM agents.trust_clock();
    PERFORM pg_notify('agents_control', 'clock');
  END IF;
`,
    '  PERFORM agents.believe_time(outside_time, at);\n',
  ],
])}

CREATE VIEW agents.license_mode AS
SELECT coalesce(l.mode, 'unknown') AS mode, coalesce(l.limited, false) AS limited, l.reason, l.since, l.reported_at,
       coalesce(l.details, '{}') AS details
  FROM (SELECT true AS only_row) r LEFT JOIN agents.license_gate l USING (only_row);

-- The kinds that need a licence, and how many of their rows wait for it now.
CREATE VIEW agents.waits_for_license AS
SELECT k.name::text AS kind,
       CASE WHEN ${IS_LIMITED} THEN (
         SELECT count(*) FROM agents.job j
          WHERE j.kind = k.name AND j.state = 'pending' AND j.run_at <= (SELECT agents.now()) AND j.intent IS NULL)
       ELSE 0 END AS waiting
  FROM agents.kind k WHERE k.needs_license AND k.retired_at IS NULL;

${revisedView(views, 'kinds', [['l.rate_per\n', 'l.rate_per, k.needs_license\n']])}

${revised(grants, 'apply_grants', [['clock_state,holds,alive', 'clock_state,license_mode,waits_for_license,holds,alive']])}
`;
