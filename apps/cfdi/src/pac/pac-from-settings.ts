import { SettingsError, type Clock } from '@nexora/runtime';
import type { CfdiSettings } from '../cfdi.settings.ts';
import type { Pac } from './pac.ts';
import { SwPac } from './sw.pac.ts';

const PRODUCTION = 'https://services.sw.com.mx';
/** An empty 307 is asked after for this long. */
const EMPTY_MS = 30_000;

/** The PAC that the settings name. The sandbox speaks SW's protocol. @throws SettingsError for the sandbox without address */
export function pacFromSettings(settings: CfdiSettings, clock: Clock): Pac {
  const { PAC_PROVIDER: name, PAC_URL, PAC_USER: user, PAC_PASS: password, PAC_TOKEN: token } = settings;
  if (name === 'sandbox' && PAC_URL === '') {
    const fault = 'must be the address of the sandbox while PAC_PROVIDER is sandbox';
    throw new SettingsError([{ name: 'PAC_URL', fault, example: 'http://127.0.0.1:4010' }]);
  }
  const url = PAC_URL === '' ? PRODUCTION : PAC_URL;
  const timeoutMs = settings.PAC_TIMEOUT_SECONDS * 1_000;
  return new SwPac({ name, url, user, password, token, timeoutMs, emptyMs: EMPTY_MS }, clock);
}
