import { describe, expect, it } from '@jest/globals';
import { SettingsFault } from '@nexora/sandbox-kit';
import { readSettings } from './settings.ts';

describe('the settings of the portal', () => {
  it('are a directory and what has a default', () => {
    expect(readSettings({ SANDBOX_DIR: 'd' })).toEqual({
      dir: 'd',
      portalPort: 0,
      controlPort: 0,
      host: '127.0.0.1',
      tls: undefined,
    });
  });

  it('take ports, host and a certificate', () => {
    const given = { SANDBOX_DIR: 'd', PORTAL_PORT: '81', CONTROL_PORT: '82', SANDBOX_HOST: '0.0.0.0' };
    expect(readSettings({ ...given, PORTAL_TLS_CERT: 'c.pem', PORTAL_TLS_KEY: 'k.pem' })).toEqual({
      dir: 'd',
      portalPort: 81,
      controlPort: 82,
      host: '0.0.0.0',
      tls: { certFile: 'c.pem', keyFile: 'k.pem' },
    });
  });

  it('name every fault at once', () => {
    const read = (): unknown => readSettings({ PORTAL_PORT: '70000', CONTROL_PORT: 'x', PORTAL_TLS_CERT: 'c.pem' });
    expect(read).toThrow(SettingsFault);
    for (const name of ['SANDBOX_DIR', 'PORTAL_PORT', 'CONTROL_PORT', 'PORTAL_TLS_KEY']) expect(read).toThrow(name);
  });
});
