import { runAgent } from '@nexora/agent';
import { cfdiAgent } from './cfdi.agent.ts';

await runAgent(cfdiAgent);
