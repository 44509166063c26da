/** Priorities from the most to the least urgent; the index is the smallint that the ledger stores. */
export const PRIORITIES = ['critical', 'high', 'default', 'low'] as const;

/** How urgent a job is among the jobs of its kind. */
export type Priority = (typeof PRIORITIES)[number];

/** The ledger's number of a priority: 0 (critical) to 3 (low). */
export function priorityRank(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}

/**
 * The priority behind the ledger's number.
 * @throws RangeError for a number that is none.
 */
export function priorityOf(rank: number): Priority {
  const priority = PRIORITIES[rank];
  if (priority === undefined)
    throw new RangeError(`${rank} is no priority; the ledger knows 0 to ${PRIORITIES.length - 1}.`);
  return priority;
}
