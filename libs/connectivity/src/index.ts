export {
  admit,
  CLOSED,
  DEFAULT_BREAKER,
  failed,
  restAsTold,
  succeeded,
  type Admission,
  type Breaker,
  type BreakerPolicy,
} from './circuit-breaker.ts';
export { leftNothing } from './left-nothing.ts';
export { HostResting, HostUnreachable, OutsideHosts, type BreakerEvents, type Judgement } from './outside-hosts.ts';
export { climbed, FIRST_STEP, FULLY_OPEN, type Ramp } from './ramp.ts';
