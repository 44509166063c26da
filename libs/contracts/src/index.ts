export { CONNECTIVITY_STATES, INTERNET_CLASSES, type ConnectivityState, type InternetClass } from './connectivity.ts';
export {
  defineKind,
  ownerOf,
  type Delivery,
  type InputOf,
  type Kind,
  type KindMap,
  type KindSpec,
  type PayloadOf,
  type ResultOf,
} from './kind.ts';
export { NOT_KNOWN, misfitsOf, type Misfit } from './misfits.ts';
export { PRIORITIES, priorityOf, priorityRank, type Priority } from './priorities.ts';
export { LICENSE_MODES, isLimited, type LicenseMode } from './license.ts';
export { JOB_STATES, type JobState } from './states.ts';
export { PROBLEMS, problemOf, type ProblemCode } from './problems.ts';
export type { Problem } from './problems/problem.ts';
export { DOMAIN_EVENTS, type DomainEvent, type DomainEventPayload } from './domain-events.ts';
export { cfdiKinds, type CfdiKinds } from './cfdi.kinds.ts';
export { auditResult, pruneResult, syncKinds, type SyncKinds } from './sync.kinds.ts';
export { licenseKinds, type LicenseKinds } from './license.kinds.ts';
