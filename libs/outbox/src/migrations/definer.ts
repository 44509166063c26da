/**
 * How every function of the ledger's face runs: with the owner's rights, judged by `session_user`, and with a pinned
 * search path, so that nobody can slip an object of his own under a name that the function uses.
 */
export const DEFINER = 'SECURITY DEFINER SET search_path = agents, pg_temp';

/**
 * How a function runs that touches rows of jobs. Its plans are kept for the life of a connection, and a plan that was
 * made while the queue was empty must still be right when a hundred thousand rows wait: an empty table would be read
 * from end to end for ever after. (Tried: after VACUUM of an empty queue, DELETE by id is planned as a sequential
 * scan.)
 * For the same reason a row that is found by its id is not asked for its state in words that fit another index.
 * Where a small table has to be read so all the same, its fictitious price must not call the JIT compiler.
 */
export const HOT = `${DEFINER} SET enable_seqscan = off SET jit = off`;

/** True when no hold concerns the row. In line: as a call it would cost ten times as much for each row passed over. */
export const notHeld = (row: string): string => `NOT EXISTS (
      SELECT FROM agents.hold h
       WHERE (h.kind IS NULL OR h.kind = ${row}.kind)
         AND (h.organization IS NULL OR h.organization = ${row}.organization)
         AND (h.scope IS NULL OR h.scope = ${row}.scope)
         AND (h.until IS NULL OR h.until > at))`;

/** Nothing waits longer: beyond it lie dates that programs of other languages cannot represent. */
export const FURTHEST = `interval '10 years'`;

/** True when a JSON document has more bytes than a job may carry. In line, since it is asked of every job. */
export const isTooLarge = (json: string): string =>
  `octet_length(${json}::text) > 262144 AND agents.compact_size(${json}) > 262144`;

/**
 * The house's time as an expression: what `agents.now()` answers, without the price of a call where a function runs
 * for every job.
 */
export const NOW = '(statement_timestamp() + (SELECT c.clock_offset FROM agents.clock c WHERE c.only_row))';
