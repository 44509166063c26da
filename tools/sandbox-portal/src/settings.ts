import { dirSetting, portSetting, SettingsFault, type Environment } from '@nexora/sandbox-kit';

/** How the process is started: all by environment. */
export interface Settings {
  /** Where office, state and log are kept; one process per directory. */
  readonly dir: string;
  /** 0: the port of the last run, else a free one. */
  readonly portalPort: number;
  readonly controlPort: number;
  /** Where the portal listens; the control port is always on 127.0.0.1. */
  readonly host: string;
  /** Paths of the certificate chain and its private key, in PEM; undefined: the portal speaks HTTP. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/** Reads the settings. Errors: SettingsFault with every fault at once. */
export function readSettings(environment: Environment): Settings {
  const faults: string[] = [];
  const { PORTAL_TLS_CERT: certFile = '', PORTAL_TLS_KEY: keyFile = '' } = environment;
  if ((certFile === '') !== (keyFile === '')) faults.push('PORTAL_TLS_CERT and PORTAL_TLS_KEY go together');
  const settings = {
    dir: dirSetting(environment, '.nexora/sandbox-portal', faults),
    portalPort: portSetting(environment, 'PORTAL_PORT', faults),
    controlPort: portSetting(environment, 'CONTROL_PORT', faults),
    host: environment.SANDBOX_HOST ?? '127.0.0.1',
    tls: certFile === '' ? undefined : { certFile, keyFile },
  };
  if (faults.length > 0) throw new SettingsFault(faults);
  return settings;
}
