import { run } from '@nexora/runtime';
import { storageSettings } from '@nexora/storage';
import { gatewaySettings } from './gateway.settings.ts';
import { startGateway } from './start.ts';

await run({ name: 'admin-gateway', settings: { ...gatewaySettings, ...storageSettings }, start: startGateway });
