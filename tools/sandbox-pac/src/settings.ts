import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** How the process is started: all by environment. */
export interface Settings {
  /** Where certificates, memory and state are kept; one process per directory. */
  readonly dir: string;
  /** 0: the port of the last run, else a free one. */
  readonly pacPort: number;
  readonly heartbeatPort: number;
  readonly controlPort: number;
  /** Where PAC and heartbeat listen; the control port is always on 127.0.0.1. */
  readonly host: string;
  readonly user: string;
  readonly password: string;
  /** Folder with the tax authority's published files, for its test certificates; undefined when there is none. */
  readonly resources: string | undefined;
  /** End when the standard input ends: for tests, whose death must not leave the process behind. */
  readonly followStdin: boolean;
}

/** Thrown for settings that cannot be; names all of them. */
export class SettingsFault extends Error {
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'SettingsFault';
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const beside = fileURLToPath(new URL('../../../../shared/sat', import.meta.url));

function port(environment: Environment, name: string, faults: string[]): number {
  const text = environment[name] ?? '0';
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) faults.push(`${name} must be a port from 0 to 65535, e.g. 0`);
  return value;
}

/** Reads the settings. Errors: SettingsFault with every fault at once. */
export function readSettings(environment: Environment): Settings {
  const faults: string[] = [];
  const dir = environment.SANDBOX_DIR ?? '';
  if (dir === '') faults.push('SANDBOX_DIR must name the directory of the sandbox, e.g. .nexora/sandbox-pac');
  const resources = environment.SAT_RESOURCES_DIR ?? (existsSync(beside) ? beside : '');
  const settings = {
    dir,
    pacPort: port(environment, 'PAC_PORT', faults),
    heartbeatPort: port(environment, 'HEARTBEAT_PORT', faults),
    controlPort: port(environment, 'CONTROL_PORT', faults),
    host: environment.SANDBOX_HOST ?? '127.0.0.1',
    user: environment.PAC_USER ?? 'sandbox',
    password: environment.PAC_PASS ?? 'sandbox',
    resources: resources === '' ? undefined : resources,
    followStdin: environment.SANDBOX_FOLLOW_STDIN === 'true',
  };
  if (faults.length > 0) throw new SettingsFault(faults);
  return settings;
}
