import { expect, it } from '@jest/globals';
import type { CfdiSettings } from '../cfdi.settings.ts';
import { consultaFromSettings } from './consulta-from-settings.ts';

const host = (settings: Partial<CfdiSettings>): string =>
  consultaFromSettings({ CFDI_STATUS_URL: '', PAC_TIMEOUT_SECONDS: 5, ...settings } as CfdiSettings).host;

it('asks the tax authority, the sandbox about stamps of the sandbox, and whom the settings name', () => {
  expect(host({ PAC_PROVIDER: 'sw', PAC_URL: '' })).toBe('consultaqr.facturaelectronica.sat.gob.mx');
  expect(host({ PAC_PROVIDER: 'sandbox', PAC_URL: 'http://127.0.0.1:4010/finkok' })).toBe('127.0.0.1:4010');
  expect(host({ PAC_PROVIDER: 'sw', CFDI_STATUS_URL: 'https://pruebacfdiconsultaqr.cloudapp.net/x.svc' })).toBe(
    'pruebacfdiconsultaqr.cloudapp.net',
  );
});
