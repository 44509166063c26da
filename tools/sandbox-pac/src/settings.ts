import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirSetting, portSetting, SettingsFault, type Environment } from '@nexora/sandbox-kit';

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
}

const beside = fileURLToPath(new URL('../../../../shared/sat', import.meta.url));

/** Reads the settings. Errors: SettingsFault with every fault at once. */
export function readSettings(environment: Environment): Settings {
  const faults: string[] = [];
  const resources = environment.SAT_RESOURCES_DIR ?? (existsSync(beside) ? beside : '');
  const settings = {
    dir: dirSetting(environment, '.nexora/sandbox-pac', faults),
    pacPort: portSetting(environment, 'PAC_PORT', faults),
    heartbeatPort: portSetting(environment, 'HEARTBEAT_PORT', faults),
    controlPort: portSetting(environment, 'CONTROL_PORT', faults),
    host: environment.SANDBOX_HOST ?? '127.0.0.1',
    user: environment.PAC_USER ?? 'sandbox',
    password: environment.PAC_PASS ?? 'sandbox',
    resources: resources === '' ? undefined : resources,
  };
  if (faults.length > 0) throw new SettingsFault(faults);
  return settings;
}
