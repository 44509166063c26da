import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { heartbeatFrom, USUAL_PAC } from './from-settings.ts';
import { heartbeatConformance, listening } from './heartbeat.conformance.ts';
import { PortsHeartbeat } from './ports.heartbeat.ts';

const never = new AbortController().signal;

heartbeatConformance(
  'a heartbeat by ports',
  () => createServer((socket) => socket.on('error', () => undefined)),
  (port, timeoutMs) => new PortsHeartbeat([{ host: '127.0.0.1', port }], timeoutMs),
);

describe('the heartbeat that the settings ask for', () => {
  const settings = {
    AGENTS_HEARTBEAT_URL: '',
    AGENTS_HEARTBEAT_EXPECT: '',
    AGENTS_HEARTBEAT_TIMEOUT_SECONDS: 1,
    PAC_PROVIDER: 'sandbox' as const,
    PAC_URL: '',
    LICENSE_PORTAL_URL: '',
  };

  it('is none where nothing outside is configured', () => {
    expect(heartbeatFrom(settings)).toBeUndefined();
  });

  it.each(['sw', 'finkok'] as const)('knows where %s is, as the cfdi agent does', (provider) => {
    expect(heartbeatFrom({ ...settings, PAC_PROVIDER: provider })).toBeInstanceOf(PortsHeartbeat);
    const cfdi = readFileSync(new URL('../../../cfdi/src/pac/pac-from-settings.ts', import.meta.url), 'utf8');
    expect(cfdi).toContain(`'${USUAL_PAC[provider]}'`);
  });

  it('is content with one outside service of several', async () => {
    const port = await listening(createServer());
    const heartbeat = heartbeatFrom({
      ...settings,
      PAC_URL: 'http://127.0.0.1:9/pac',
      LICENSE_PORTAL_URL: `http://127.0.0.1:${port}`,
    });
    expect(await heartbeat?.beat(never)).toMatchObject({ answered: true });
  });

  it('names the services when none of them can be reached', async () => {
    const heartbeat = heartbeatFrom({
      ...settings,
      PAC_URL: 'http://127.0.0.1:9/',
      LICENSE_PORTAL_URL: 'https://[::1]:9',
    });
    expect(await heartbeat?.beat(never)).toMatchObject({
      error: { message: 'none of 127.0.0.1:9, ::1:9 can be reached' },
    });
  });

  it('prefers the address of the heartbeat over the services', async () => {
    const port = await listening(createServer());
    const heartbeat = heartbeatFrom({
      ...settings,
      AGENTS_HEARTBEAT_URL: 'http://127.0.0.1:9',
      PAC_URL: `http://127.0.0.1:${port}`,
    });
    expect(await heartbeat?.beat(never)).toMatchObject({ answered: false });
  });
});
