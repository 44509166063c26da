/**
 * How every function of the ledger's face runs: with the owner's rights, judged by `session_user`, and with a pinned
 * search path, so that nobody can slip an object of his own under a name that the function uses.
 */
export const DEFINER = 'SECURITY DEFINER SET search_path = agents, pg_temp';

/** How a function runs that only functions of the face call: it inherits their rights and path. */
export const INNER = '';
