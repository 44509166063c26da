import { DEFINER } from './definer.ts';

/**
 * When the line returns, what failed for want of it is tried at once and not at the end of a wait that was meant for a
 * line that stays away. A wait that the work itself asked for (`Later` with a time: an issuer paused, a Retry-After)
 * stays. The gates open class by class and slot by slot, so nothing is met by everything at once.
 */
export const lineReturns = `
CREATE FUNCTION agents.line_returned() RETURNS trigger LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  at constant timestamptz := agents.now();
BEGIN
  UPDATE agents.job j SET run_at = at, wait = NULL
   WHERE j.kind IN (SELECT k.name FROM agents.kind k WHERE k.needs_internet IS NOT NULL)
     AND j.state = 'pending' AND j.run_at > at AND j.wait IS NOT NULL
     AND j.last_error->>'code' IS DISTINCT FROM 'agents.later';
  RETURN NULL;
END $$;
CREATE TRIGGER line_returned AFTER UPDATE OF state ON agents.connectivity FOR EACH ROW
  WHEN (OLD.state = 'offline' AND NEW.state <> 'offline') EXECUTE FUNCTION agents.line_returned();
`;
