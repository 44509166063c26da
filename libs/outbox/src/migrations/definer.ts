/**
 * How every function of the ledger's face runs: with the owner's rights, judged by `session_user`, and with a pinned
 * search path, so that nobody can slip an object of his own under a name that the function uses.
 */
export const DEFINER = 'SECURITY DEFINER SET search_path = agents, pg_temp';

/**
 * The house's time as an expression: what `agents.now()` answers, without the price of a call where a function runs
 * for every job.
 */
export const NOW = '(statement_timestamp() + (SELECT c.clock_offset FROM agents.clock c))';
