import { commaList, defineSettings, wholeNumber, type houseSettings, type SettingsOf } from '@nexora/runtime';
import type { StorageSettings } from '@nexora/storage';
import { z } from 'zod';
import { isCidr, PRIVATE_CIDRS } from './http/cidr.ts';

/** What the gateway reads besides the settings of the house. */
export const gatewaySettings = defineSettings({
  GATEWAY_HOST: {
    schema: z.string().regex(/^[A-Za-z0-9.:-]+$/),
    default: '127.0.0.1',
    doc: 'Address on which the API listens. Beyond loopback, set TLS_CERT and TLS_KEY.',
    example: '0.0.0.0',
  },
  GATEWAY_PORT: {
    schema: wholeNumber(0, 65_535),
    default: 8080,
    doc: 'Port of the API; 0 takes a free one, which the start line tells.',
    example: '8080',
  },
  ADMIN_ALLOWED_CIDRS: {
    schema: commaList().refine((list) => list.length > 0 && list.every(isCidr), {
      error: 'must be networks between commas, as 192.168.1.0/24',
    }),
    default: PRIVATE_CIDRS,
    doc: 'Networks that may use the API, between commas.',
    example: '127.0.0.0/8,::1/128,192.168.1.0/24',
  },
  GATEWAY_ALLOWED_HOSTS: {
    schema: commaList(),
    default: [],
    doc: 'Host names and addresses under which the API may be called, without port, between commas; others get 421. Unset: loopback names and the names and addresses of this machine.',
    example: 'nexora.tienda.lan,192.168.1.20',
  },
  GATEWAY_WRONG_TOKENS_PER_MINUTE: {
    schema: wholeNumber(1, 100_000),
    default: 60,
    doc: 'So many wrong tokens per address and minute are answered with 401, further ones with 429.',
    example: '60',
  },
  GATEWAY_IDEMPOTENCY_HOURS: {
    schema: wholeNumber(1, 8_760),
    default: 72,
    unit: 'hours',
    doc: 'How long the first answer to an Idempotency-Key is kept.',
    example: '72',
  },
  GATEWAY_DEADLINE_SECONDS: {
    schema: z.coerce.number().min(0.1).max(60),
    default: 5,
    unit: 'seconds',
    doc: 'A request that waits longer for Postgres is answered with 503.',
    example: '5',
  },
  TLS_CERT: {
    schema: z.string(),
    default: '',
    doc: 'Certificate chain (PEM) for HTTPS; usually by TLS_CERT_FILE. Unset: plain HTTP.',
    example: '-----BEGIN CERTIFICATE-----…',
  },
  TLS_KEY: {
    schema: z.string(),
    default: '',
    secret: true,
    doc: 'Private key (PEM) of TLS_CERT; usually by TLS_KEY_FILE.',
    example: '-----BEGIN PRIVATE KEY-----…',
  },
});

/** Values of the gateway's settings, of the house's and of the storage's. */
export type GatewaySettings = SettingsOf<typeof houseSettings & typeof gatewaySettings> & StorageSettings;
