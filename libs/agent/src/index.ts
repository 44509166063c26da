export { AGENT_SETTINGS, CLOCK } from './agent.module.ts';
export {
  defineAgent,
  setting,
  type Agent,
  type AgentDeclaration,
  type HandlerDeclaration,
  type Missed,
  type Retry,
  type ScheduleOf,
  type SettingRef,
  type Timing,
} from './define-agent.ts';
export { durationMs, type Duration } from './duration.ts';
export { InDoubt, Later, Permanent, type Detail, type When } from './fates.ts';
export type { Handler, IntentNote, Job } from './job.ts';
export { runAgent, type AgentOptions } from './run-agent.ts';
