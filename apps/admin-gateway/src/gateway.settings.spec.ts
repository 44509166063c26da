import { describe, expect, it } from '@jest/globals';
import { loadSettings, SettingsError } from '@nexora/runtime';
import { gatewaySettings } from './gateway.settings.ts';
import { PRIVATE_CIDRS } from './http/cidr.ts';

function mistakesOf(env: Record<string, string>): string[] {
  try {
    loadSettings(gatewaySettings, env);
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes.map(({ name }) => name);
    throw error;
  }
  return [];
}

describe('settings of the gateway', () => {
  it('need nothing to be set: loopback, private networks, this machine', () => {
    expect(loadSettings(gatewaySettings, {})).toMatchObject({
      GATEWAY_HOST: '127.0.0.1',
      ADMIN_ALLOWED_CIDRS: PRIVATE_CIDRS,
      GATEWAY_ALLOWED_HOSTS: [],
      TLS_CERT: '',
    });
  });

  it('accept what their own examples say', () => {
    for (const [name, { example }] of Object.entries(gatewaySettings))
      expect(mistakesOf({ [name]: example })).toEqual([]);
  });

  it('name every mistake at once', () => {
    const wrong = { GATEWAY_PORT: 'many', ADMIN_ALLOWED_CIDRS: '192.168.1.0/24,tienda', GATEWAY_DEADLINE_SECONDS: '0' };
    expect(mistakesOf(wrong)).toEqual(Object.keys(wrong));
  });

  it('take a list of networks with blanks in it', () => {
    const { ADMIN_ALLOWED_CIDRS } = loadSettings(gatewaySettings, {
      ADMIN_ALLOWED_CIDRS: ' 10.0.0.0/8 , 192.168.1.7 ',
    });
    expect(ADMIN_ALLOWED_CIDRS).toEqual(['10.0.0.0/8', '192.168.1.7']);
  });
});
