import { CLOCK, runAgent } from '@nexora/agent';
import { HouseClock } from '@nexora/runtime';
import { syncAgent } from '../sync.agent.ts';

const pace = Number(process.argv[2] ?? 1);

/** Every second of the watch over the line lasts a part of one. */
class QuickClock extends HouseClock {
  override monotonic(): number {
    return super.monotonic() * pace;
  }
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return super.sleep(ms / pace, signal);
  }
}

// The process of the sync agent, so many times faster than the spec. What is given last wins.
const adapters = [...(syncAgent.adapters ?? []), { provide: CLOCK, useValue: new QuickClock() }];
await runAgent({ ...syncAgent, adapters }, { pace });
