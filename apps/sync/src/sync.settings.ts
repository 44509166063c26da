import { address, defineSettings, oneOf, wholeNumber, type houseSettings, type SettingsOf } from '@nexora/runtime';
import { z } from 'zod';

/** What the sync agent reads besides the settings of the house. */
export const syncSettings = defineSettings({
  AGENTS_HEARTBEAT_URL: {
    schema: address(['http', 'https']),
    default: '',
    doc: 'Address outside that proves that the Internet is there. Unset: whether the PAC (PAC_URL, or the usual address of PAC_PROVIDER) or LICENSE_PORTAL_URL lets itself be connected to.',
    example: 'https://heartbeat.example/ok',
  },
  AGENTS_HEARTBEAT_EXPECT: {
    schema: z.string().max(1_000),
    default: '',
    doc: 'Body that the heartbeat must answer, so that the page of a captive portal does not count as Internet. Unset: any 2xx counts.',
    example: 'OK',
  },
  AGENTS_HEARTBEAT_SECONDS: {
    schema: z.coerce.number().min(1).max(240),
    default: 30,
    unit: 'seconds',
    doc: 'Pause between two heartbeats while the line is there.',
    example: '30',
  },
  AGENTS_HEARTBEAT_TIMEOUT_SECONDS: {
    schema: z.coerce.number().min(0.1).max(60),
    default: 5,
    unit: 'seconds',
    doc: 'A heartbeat that has not answered by then has failed.',
    example: '5',
  },
  OUTBOX_RETENTION_DAYS: {
    schema: wholeNumber(1, 3_650),
    default: 30,
    unit: 'days',
    doc: 'How long finished jobs and their history are kept. What is unfinished is never removed.',
    example: '30',
  },
  PAC_PROVIDER: {
    schema: oneOf(['sandbox', 'sw', 'finkok']),
    default: 'sandbox',
    doc: 'Who stamps; tells the usual address of the PAC where PAC_URL is unset.',
    example: 'sw',
  },
  PAC_URL: {
    schema: address(['http', 'https']),
    default: '',
    doc: 'Address of the PAC, where it is not the provider’s usual one.',
    example: 'https://services.test.sw.com.mx',
  },
  LICENSE_PORTAL_URL: {
    schema: address(['http', 'https']),
    default: '',
    doc: 'Address of the licence portal.',
    example: 'https://portal.example',
  },
});

/** Values of the settings of the sync agent, those of the house included. */
export type SyncSettings = SettingsOf<typeof houseSettings & typeof syncSettings>;
