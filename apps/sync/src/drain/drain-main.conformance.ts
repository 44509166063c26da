import { runAgent } from '@nexora/agent';
import { OutsideHosts } from '@nexora/connectivity';
import { drainAgent } from './drain-agent.conformance.ts';
import { QuickClock } from './quick-clock.conformance.ts';

// The process of the drain agent; heartbeats, sweeps and rests of hosts run so many times faster than the spec.
const pace = Number(process.argv[2] ?? 1);
const silent = { opened: () => undefined, closed: () => undefined };
const hosts = new OutsideHosts(new QuickClock(pace), silent);
await runAgent({ ...drainAgent, adapters: [{ provide: OutsideHosts, useValue: hosts }] }, { pace });
