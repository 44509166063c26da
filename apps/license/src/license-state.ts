/** The licence as it is told, for those who tell it. */
export type { LicenseState } from './judging/license-state.ts';
