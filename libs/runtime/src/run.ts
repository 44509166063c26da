import { Life } from './life.ts';
import type { RunSpec } from './run-spec.ts';
import { houseSettings } from './settings/house.settings.ts';
import type { SettingsSchema } from './settings/schema.ts';

/**
 * Runs a process from start to exit; it never returns. SIGTERM or SIGINT stops in order, a second one at once; so does
 * the deadline (grace and five seconds). An error that nobody caught is told and ends the process with 1.
 */
export async function run<S extends SettingsSchema>(spec: RunSpec<S>): Promise<never> {
  const life = new Life(spec.name);
  const settings = await life.settings({ ...houseSettings, ...spec.settings } as typeof houseSettings & S);
  await life.begin(spec, settings);
  return new Promise<never>(() => undefined);
}
