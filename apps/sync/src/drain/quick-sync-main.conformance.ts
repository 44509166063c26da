import { CLOCK, runAgent } from '@nexora/agent';
import { syncAgent } from '../sync.agent.ts';
import { QuickClock } from './quick-clock.conformance.ts';

// The process of the sync agent; its watch over the line, heartbeats and sweeps run so many times faster than the spec.
const pace = Number(process.argv[2] ?? 1);
// What is given last wins.
const adapters = [...(syncAgent.adapters ?? []), { provide: CLOCK, useValue: new QuickClock(pace) }];
await runAgent({ ...syncAgent, adapters }, { pace });
