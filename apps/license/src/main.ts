import { runAgent } from '@nexora/agent';
import { licenseAgent } from './license.agent.ts';

await runAgent(licenseAgent);
