import 'reflect-metadata';
import { X509CertificateGenerator } from '@peculiar/x509';
import { describe, expect, it } from '@jest/globals';
import { StartRefused } from '@nexora/runtime';
import { webcrypto } from 'node:crypto';
import { request } from 'node:https';
import { gatewayUnderTest } from '../testing/gateway.conformance.ts';
import { tlsOf } from './tls.ts';

async function selfSigned(): Promise<{ TLS_CERT: string; TLS_KEY: string }> {
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { name: 'CN=localhost', keys, signingAlgorithm, notAfter: new Date(Date.now() + 3_600_000) },
    webcrypto,
  );
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    TLS_CERT: certificate.toString('pem'),
    TLS_KEY: `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----`,
  };
}

describe('TLS', () => {
  it('serves HTTPS with the certificate of the settings', async () => {
    const settings = await selfSigned();
    const gateway = await gatewayUnderTest({ settings });
    expect(gateway.url).toMatch(/^https:/);
    const { port } = new URL(gateway.url);
    const status = await new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, servername: 'localhost', path: '/api/health/live', agent: false };
      request({ ...options, ca: settings.TLS_CERT }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    await gateway.stop();
  });

  it('refuses to start with half of a pair or with nonsense', async () => {
    const { TLS_CERT, TLS_KEY } = await selfSigned();
    expect(() => tlsOf({ TLS_CERT, TLS_KEY: '' })).toThrow(StartRefused);
    expect(() => tlsOf({ TLS_CERT: '', TLS_KEY })).toThrow(StartRefused);
    expect(() => tlsOf({ TLS_CERT: 'x', TLS_KEY: 'y' })).toThrow(StartRefused);
    expect(() => tlsOf({ TLS_CERT, TLS_KEY: '' })).not.toThrow(TLS_KEY);
    expect(tlsOf({ TLS_CERT: '', TLS_KEY: '' })).toBeNull();
  });
});
