/** What the sync agent says of the line. `degraded`: reachable, but slow or failing now and then. */
export const CONNECTIVITY_STATES = ['online', 'degraded', 'offline'] as const;

/** State of the line to the Internet. Kinds that need it are claimed while it is `online` or `degraded`. */
export type ConnectivityState = (typeof CONNECTIVITY_STATES)[number];

/** Classes of work that needs the Internet, in the order in which they are let out after an outage. */
export const INTERNET_CLASSES = ['licence', 'stamping', 'notification', 'copy'] as const;

/** A class of work that needs the Internet. */
export type InternetClass = (typeof INTERNET_CLASSES)[number];
