import { runAgent } from '@nexora/agent';
import { __camel__Agent } from './__name__.agent.ts';

await runAgent(__camel__Agent);
