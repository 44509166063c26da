import { defineAgent } from '@nexora/agent';
import { licenseKinds } from '@nexora/contracts';
import { adapters } from './adapters.ts';
import { InstallHandler } from './handlers/install.handler.ts';
import { RebindHandler } from './handlers/rebind.handler.ts';
import { RenewHandler } from './handlers/renew.handler.ts';
import { SyncHandler } from './handlers/sync.handler.ts';
import { licenseSettings } from './license.settings.ts';

/** What the portal is asked for again when it errs; a line that is away burns no attempt at all. */
const untilItCan = { first: '1m', factor: 2, ceiling: '1h', attempts: 'unlimited' } as const;

/** Verifies and renews the licence, and decides how far it carries the house. It deletes nothing and blocks no data. */
export const licenseAgent = defineAgent({
  name: 'license',
  settings: licenseSettings,
  kinds: licenseKinds,
  handlers: {
    sync: { use: SyncHandler, retry: 'short', concurrency: 1, timeout: '2m' },
    renew: { use: RenewHandler, retry: untilItCan, concurrency: 1, timeout: '2m', total: 1 },
    install: { use: InstallHandler, retry: 'short', concurrency: 1, timeout: '1m' },
    rebind: { use: RebindHandler, retry: untilItCan, concurrency: 1, timeout: '2m', total: 1 },
  },
  adapters,
});
