import { AGENT_SETTINGS, defineAgent } from '@nexora/agent';
import { syncKinds } from '@nexora/contracts';
import { AuditHandler } from './handlers/audit.handler.ts';
import { PruneHandler } from './handlers/prune.handler.ts';
import { SilentWorkers } from './handlers/silent-workers.ts';
import { heartbeatFrom } from './heartbeat/from-settings.ts';
import { HEARTBEAT, LineWatch } from './line-watch.ts';
import { LineReporter } from './store/line-reporter.ts';
import { syncSettings } from './sync.settings.ts';

/** Watches the line to the Internet, and keeps the ledger in order. */
export const syncAgent = defineAgent({
  name: 'sync',
  settings: syncSettings,
  kinds: syncKinds,
  handlers: {
    audit: { use: AuditHandler, retry: 'short', concurrency: 1, timeout: '1m' },
    prune: { use: PruneHandler, retry: { first: '1m', factor: 2, ceiling: '30m' }, concurrency: 1, timeout: '10m' },
  },
  schedules: [
    {
      name: 'audit',
      every: '5m',
      run: 'audit',
      payload: {},
      missed: 'one',
      description: 'Revisa que ningún trabajo quede sin atender.',
    },
    {
      name: 'prune',
      every: '1h',
      run: 'prune',
      payload: {},
      missed: 'one',
      description: 'Depura el historial antiguo; nunca lo pendiente.',
    },
  ],
  adapters: [
    { provide: HEARTBEAT, useFactory: heartbeatFrom, inject: [AGENT_SETTINGS] },
    LineReporter,
    LineWatch,
    SilentWorkers,
  ],
});
