import { HOT } from './definer.ts';

/** What processes tell of themselves while they live, and when schedules last went well. */
export const telling = `
-- Adds to what the process told of itself. False: this incarnation is not there any more.
CREATE FUNCTION agents.tell(incarnation uuid, about jsonb) RETURNS boolean LANGUAGE plpgsql ${HOT} AS $$
DECLARE
  told boolean;
BEGIN
  IF jsonb_typeof(about) IS DISTINCT FROM 'object' OR octet_length(about::text) > 16384 THEN
    RAISE EXCEPTION 'What a process tells of itself is a JSON object of at most 16 kB.' USING ERRCODE = 'NX004';
  END IF;
  UPDATE agents.worker w SET about = w.about || tell.about
   WHERE w.incarnation = tell.incarnation AND w.login = session_user AND w.lost_at IS NULL AND w.stopped_at IS NULL;
  told := FOUND;
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN told;
END $$;

-- When a job of each schedule last ended well, though a later one runs or has failed; NULL: none of its last 1,000
-- slots.
CREATE VIEW agents.schedule_successes AS
SELECT s.name::text, s.agent::text, l.finished_at
  FROM agents.schedule s LEFT JOIN LATERAL (
    SELECT f.finished_at
      FROM (SELECT x.slot, x.job FROM agents.schedule_slot x
             WHERE x.schedule = s.name ORDER BY x.slot DESC LIMIT 1000) x
      JOIN agents.job_finished f ON f.id = x.job AND f.state = 'done'
     ORDER BY x.slot DESC LIMIT 1) l ON true
 WHERE s.retired_at IS NULL;
`;
