/** The licence as it is told, for those who tell it. */
export type { ClockState, CrlState, LastRefusal, LicenseState, MachineState } from './judging/license-state.ts';
