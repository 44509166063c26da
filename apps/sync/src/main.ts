import { runAgent } from '@nexora/agent';
import { syncAgent } from './sync.agent.ts';

await runAgent(syncAgent);
