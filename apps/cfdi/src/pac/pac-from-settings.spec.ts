import { describe, expect, it } from '@jest/globals';
import { HouseClock, SettingsError } from '@nexora/runtime';
import type { CfdiSettings } from '../cfdi.settings.ts';
import { FinkokPac } from './finkok.pac.ts';
import { pacFromSettings } from './pac-from-settings.ts';
import type { Pac } from './pac.ts';
import { SwPac } from './sw.pac.ts';

const clock = new HouseClock();

function pac(provider: CfdiSettings['PAC_PROVIDER'], url: string, user = 'ana', password = 'x'): Pac {
  const settings = { PAC_PROVIDER: provider, PAC_URL: url, PAC_USER: user, PAC_PASS: password };
  return pacFromSettings({ ...settings, PAC_TOKEN: '', PAC_TIMEOUT_SECONDS: 60 } as CfdiSettings, clock);
}

describe('the PAC that the settings name', () => {
  it.each([
    ['sw', '', SwPac, 'services.sw.com.mx'],
    ['sw', 'https://services.test.sw.com.mx', SwPac, 'services.test.sw.com.mx'],
    ['finkok', '', FinkokPac, 'facturacion.finkok.com'],
    ['finkok', 'https://demo-facturacion.finkok.com', FinkokPac, 'demo-facturacion.finkok.com'],
    ['sandbox', 'http://127.0.0.1:4010', SwPac, '127.0.0.1:4010'],
    ['sandbox', 'http://127.0.0.1:4010/finkok', FinkokPac, '127.0.0.1:4010'],
    ['sandbox', 'http://127.0.0.1:4010/finkok/', FinkokPac, '127.0.0.1:4010'],
  ] as const)('%s at "%s" is reached at its host, under its name', (provider, url, type, host) => {
    const made = pac(provider, url);
    expect(made).toBeInstanceOf(type);
    expect([made.name, made.host]).toEqual([provider, host]);
  });

  it('is refused without what it needs, naming the setting', () => {
    expect(() => pac('sandbox', '')).toThrow(/PAC_URL/);
    expect(() => pac('finkok', '', '')).toThrow(/PAC_USER/);
    expect(() => pac('finkok', '', 'ana', '')).toThrow(/PAC_PASS/);
    expect(() => pac('finkok', '', 'ana', '')).toThrow(SettingsError);
  });
});
