import { expect, it } from '@jest/globals';
import { gatewayUrl } from './launches.ts';

it.each([
  [{}, 'http://127.0.0.1:8080'],
  [{ GATEWAY_HOST: '0.0.0.0' }, 'http://127.0.0.1:8080'],
  [{ GATEWAY_HOST: '192.168.1.20', TLS_CERT_FILE: 'cert.pem' }, 'https://192.168.1.20:8080'],
  [{ GATEWAY_HOST: '::1' }, 'http://[::1]:8080'],
])('the API of a gateway with %j is reached at %s', (env, url) => {
  expect(gatewayUrl({ ...env, GATEWAY_PORT: '8080' })).toBe(url);
});
