/** Environment of a process, or what a test gives in its place. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown for settings that cannot be; names all of them. */
export class SettingsFault extends Error {
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'SettingsFault';
  }
}

/** A port from 0 to 65535, 0 when it is not set; a wrong one adds its sentence to `faults`. */
export function portSetting(environment: Environment, name: string, faults: string[]): number {
  const text = environment[name] ?? '0';
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) faults.push(`${name} must be a port from 0 to 65535, e.g. 0`);
  return value;
}

/** SANDBOX_DIR; when it is not set its sentence, with the example, is added to `faults`. */
export function dirSetting(environment: Environment, example: string, faults: string[]): string {
  const dir = environment.SANDBOX_DIR ?? '';
  if (dir === '') faults.push(`SANDBOX_DIR must name the directory of the sandbox, e.g. ${example}`);
  return dir;
}
