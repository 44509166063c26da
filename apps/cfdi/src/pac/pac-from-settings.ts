import { SettingsError, type Clock } from '@nexora/runtime';
import type { CfdiSettings } from '../cfdi.settings.ts';
import { FinkokPac } from './finkok.pac.ts';
import type { Pac } from './pac.ts';
import { SwPac } from './sw.pac.ts';

const PRODUCTION = { sw: 'https://services.sw.com.mx', finkok: 'https://facturacion.finkok.com' } as const;
/** An empty 307 is asked after for this long. */
const EMPTY_MS = 30_000;
/** Finkok's look-up was seen not to know a stamp for 8 seconds. */
const LAG_MS = 12_000;

/**
 * The PAC that the settings name. The sandbox speaks SW's protocol, and Finkok's below `/finkok`.
 * @throws SettingsError for the sandbox without address, and for Finkok without user or password
 */
export function pacFromSettings(settings: CfdiSettings, clock: Clock): Pac {
  const { PAC_PROVIDER: name, PAC_USER: user, PAC_PASS: password, PAC_TOKEN: token } = settings;
  const url = addressOf(settings);
  const timeoutMs = settings.PAC_TIMEOUT_SECONDS * 1_000;
  const common = { name, url, user, password, timeoutMs, emptyMs: EMPTY_MS };
  if (!speaksFinkok(name, url)) return new SwPac({ ...common, token }, clock);
  if (user === '' || password === '') {
    const fault = 'must be set: Finkok takes user and password with every request, and no token';
    throw new SettingsError([{ name: user === '' ? 'PAC_USER' : 'PAC_PASS', fault, example: 'usuario@example.mx' }]);
  }
  return new FinkokPac({ ...common, lagMs: LAG_MS }, clock);
}

function addressOf({ PAC_PROVIDER: name, PAC_URL: url }: CfdiSettings): string {
  if (url !== '') return url;
  if (name !== 'sandbox') return PRODUCTION[name];
  const fault = 'must be the address of the sandbox while PAC_PROVIDER is sandbox';
  throw new SettingsError([{ name: 'PAC_URL', fault, example: 'http://127.0.0.1:4010' }]);
}

function speaksFinkok(name: CfdiSettings['PAC_PROVIDER'], url: string): boolean {
  return name === 'finkok' || (name === 'sandbox' && /\/finkok\/?$/.test(new URL(url).pathname));
}
