import { defineAgent, setting } from '@nexora/agent';
import { cfdiKinds } from '@nexora/contracts';
import { adapters } from './adapters.ts';
import { cfdiSettings } from './cfdi.settings.ts';
import { PackMonthHandler } from './handlers/pack-month.handler.ts';
import { PackMonthsHandler } from './handlers/pack-months.handler.ts';
import { BalanceHandler } from './handlers/balance.handler.ts';
import { CancelHandler } from './handlers/cancel.handler.ts';
import { FollowHandler } from './handlers/follow.handler.ts';
import { KeepAcuseHandler } from './handlers/keep-acuse.handler.ts';
import { PickUpHandler } from './handlers/pick-up.handler.ts';
import { RenderHandler } from './handlers/render.handler.ts';
import { SearchHandler } from './handlers/search.handler.ts';
import { StampHandler } from './handlers/stamp.handler.ts';
import { StatusHandler } from './handlers/status.handler.ts';
import { StoreHandler } from './handlers/store.handler.ts';
import { WatchCsdsHandler } from './handlers/watch-csds.handler.ts';

const untilStamped = {
  first: '1m',
  factor: 2,
  ceiling: setting('CFDI_RETRY_MAX_HOURS'),
  attempts: 'unlimited',
} as const;
/** The tax authority may need days to know a comprobante, and its services rest at night. */
const untilAsked = { first: '1m', factor: 2, ceiling: '6h', attempts: 'unlimited' } as const;
const untilTold = { first: '1m', factor: 2, ceiling: '1h', attempts: 'unlimited' } as const;
const untilKept = { first: '5s', factor: 2, ceiling: '10m', attempts: 'unlimited' } as const;

/** Stamps comprobantes: document in, sealed, stamped once, XML and PDF kept. */
export const cfdiAgent = defineAgent({
  name: 'cfdi',
  settings: cfdiSettings,
  kinds: cfdiKinds,
  handlers: {
    pickUp: { use: PickUpHandler, retry: 'short', concurrency: 1, timeout: '30s' },
    stamp: { use: StampHandler, retry: untilStamped, concurrency: setting('CFDI_CONCURRENCY'), timeout: '6m' },
    search: { use: SearchHandler, retry: untilKept, concurrency: 1, timeout: '30m' },
    store: { use: StoreHandler, retry: untilKept, concurrency: 4, timeout: '2m' },
    render: { use: RenderHandler, retry: untilKept, concurrency: 1, timeout: '2m' },
    cancel: { use: CancelHandler, retry: untilAsked, concurrency: 2, timeout: '6m' },
    keepAcuse: { use: KeepAcuseHandler, retry: untilKept, concurrency: 2, timeout: '2m' },
    status: { use: StatusHandler, retry: untilTold, concurrency: 2, timeout: '2m' },
    follow: { use: FollowHandler, retry: 'short', concurrency: 1, timeout: '30s' },
    balance: { use: BalanceHandler, retry: untilTold, concurrency: 1, timeout: '2m' },
    watchCsds: { use: WatchCsdsHandler, retry: 'short', concurrency: 1, timeout: '30s' },
    packMonths: { use: PackMonthsHandler, retry: 'short', concurrency: 1, timeout: '1m' },
    packMonth: { use: PackMonthHandler, retry: untilKept, concurrency: 1, timeout: '1h' },
  },
  schedules: [
    {
      name: 'pick-up-pending',
      every: '2m',
      run: 'pickUp',
      payload: {},
      missed: 'one',
      description: 'Da trabajo a los comprobantes pendientes que no lo tienen.',
    },
    {
      name: 'watch-csds',
      cron: '0 9 * * *',
      zone: 'America/Mexico_City',
      run: 'watchCsds',
      payload: {},
      missed: 'one',
      description: 'Avisa 60, 30, 7 y 1 días antes de que venza un certificado de sello (CSD).',
    },
    {
      // A comprobante of the last day may be stamped up to 72 hours later.
      name: 'pack-last-month',
      cron: '0 5 4 * *',
      zone: 'America/Mexico_City',
      run: 'packMonths',
      payload: {},
      missed: 'one',
      description: 'Guarda en un zip los XML y PDF del mes anterior de cada emisor.',
    },
    {
      name: 'follow-cancellations',
      every: '2m',
      run: 'follow',
      payload: {},
      missed: 'one',
      description: 'Pregunta al SAT por las cancelaciones que siguen abiertas.',
    },
    {
      name: 'stamps-left',
      every: '1h',
      run: 'balance',
      payload: {},
      missed: 'one',
      description: 'Pregunta al PAC cuántos timbres quedan y avisa cuando son pocos.',
    },
  ],
  adapters,
});
