import type { Provider } from '@nestjs/common';
import { AGENT_SETTINGS } from '@nexora/agent';
import { Health, Telemetry } from '@nexora/runtime';
import type { CfdiSettings } from './cfdi.settings.ts';
import { csdProbe } from './csd-health.ts';
import { CsdWarnings } from './store/csd-warnings.ts';
import { Issuers } from './store/issuers.ts';
import { Months } from './store/months.ts';
import { Xsd } from './store/xsd.ts';

/** Stands for what is done once when the agent starts. */
const KEEPING = Symbol('KEEPING');

/** Keeps CSDs, their warnings and the months: what lies around the stamping. */
export const keeperAdapters: readonly Provider[] = [
  CsdWarnings,
  Months,
  { provide: Xsd, useFactory: openXsd, inject: [AGENT_SETTINGS, Health] },
  { provide: KEEPING, useFactory: startKeeping, inject: [Issuers, CsdWarnings, Health, Telemetry] },
];

/** Schemas where the settings name a folder of them; health says on or off, and why. */
async function openXsd({ SAT_RESOURCES_DIR }: CfdiSettings, health: Health): Promise<Xsd> {
  const xsd = await Xsd.open(SAT_RESOURCES_DIR);
  health.register(xsd.probe);
  return xsd;
}

/** Says where CSDs may be handed in, and has the agent's health tell how long they go on. */
async function startKeeping(issuers: Issuers, warnings: CsdWarnings, health: Health, told: Telemetry): Promise<true> {
  await issuers.openMailbox();
  health.register(csdProbe(warnings, told));
  return true;
}
