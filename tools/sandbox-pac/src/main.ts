import { runSandbox } from '@nexora/sandbox-kit';
import { Sandbox } from './sandbox.ts';
import { readSettings } from './settings.ts';

await runSandbox(async (onFatal) => Sandbox.start(readSettings(process.env), onFatal));
