import type { Probe, ProbeResult } from '@nexora/runtime';
import type { Saldo } from '../store/saldos.ts';

/**
 * Shows the stamps left among what the agent depends on: `down` when they are few, since then stamping is about to stop.
 * Work goes on without it. While the database is away it says what it said last.
 */
export function stampsProbe(saldo: () => Promise<Saldo>): Probe {
  let last: ProbeResult = { status: 'up' };
  return {
    name: 'timbres',
    needed: false,
    async check() {
      try {
        const { left, isLow } = await saldo();
        const detail = left === null ? {} : { detail: `Quedan ${left} timbres en el PAC` };
        last = { status: isLow ? 'down' : 'up', ...detail };
      } catch {
        return last; // the database has a probe of its own
      }
      return last;
    },
  };
}
