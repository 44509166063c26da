import { runAgent } from '../run-agent.ts';
import { sampleAgent } from './sample-agent.conformance.ts';

// The process of the sample agent. Its one argument says how many times faster than the spec heartbeats run.
await runAgent(sampleAgent, { pace: Number(process.argv[2] ?? 1) });
