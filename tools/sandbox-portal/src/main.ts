import { runSandbox } from '@nexora/sandbox-kit';
import { Portal } from './portal.ts';
import { readSettings } from './settings.ts';

await runSandbox(async (onFatal) => Portal.start(readSettings(process.env), onFatal));
