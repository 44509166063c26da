import type { Provider } from '@nestjs/common';
import { Health, Telemetry } from '@nexora/runtime';
import { csdProbe } from './csd-health.ts';
import { CsdWarnings } from './store/csd-warnings.ts';
import { Issuers } from './store/issuers.ts';
import { Months } from './store/months.ts';

/** Stands for what is done once when the agent starts. */
const KEEPING = Symbol('KEEPING');

/** Keeps CSDs, their warnings and the months: what lies around the stamping. */
export const keeperAdapters: readonly Provider[] = [
  CsdWarnings,
  Months,
  { provide: KEEPING, useFactory: startKeeping, inject: [Issuers, CsdWarnings, Health, Telemetry] },
];

/** Says where CSDs may be handed in, and has the agent's health tell how long they go on. */
async function startKeeping(issuers: Issuers, warnings: CsdWarnings, health: Health, told: Telemetry): Promise<true> {
  await issuers.openMailbox();
  health.register(csdProbe(warnings, told));
  return true;
}
