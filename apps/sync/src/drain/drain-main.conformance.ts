import { runAgent } from '@nexora/agent';
import { drainAgent } from './drain-agent.conformance.ts';

// The process of the drain agent. Its one argument says how many times faster than the spec heartbeats run.
await runAgent(drainAgent, { pace: Number(process.argv[2] ?? 1) });
