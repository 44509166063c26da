import type { Provider } from '@nestjs/common';
import { AGENT_SETTINGS } from '@nexora/agent';
import { Database } from '@nexora/database';
import { Telemetry } from '@nexora/runtime';
import { LicenseDesk } from './desk.ts';
import { Failpoint } from './failpoint.ts';
import { bootTimeOfHost, type BootTime } from './host/boot-time.ts';
import { LicenseWatch } from './license-watch.ts';
import type { LicenseSettings } from './license.settings.ts';

/** Token of what tells boot time; tests put another in its place. */
export const BOOT_TIME = Symbol('BOOT_TIME');

/** What the handlers are given. */
export const adapters: readonly Provider[] = [
  { provide: BOOT_TIME, useFactory: () => bootTimeOfHost() },
  { provide: LicenseDesk, useFactory: deskOf, inject: [Database, AGENT_SETTINGS, Telemetry, BOOT_TIME] },
  LicenseWatch,
];

function deskOf(database: Database, settings: LicenseSettings, telemetry: Telemetry, bootTime: BootTime): LicenseDesk {
  const failpoint = new Failpoint(settings.NEXORA_FAILPOINT);
  return LicenseDesk.over(database, settings, { telemetry, bootTime, failpoint });
}
