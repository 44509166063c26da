import { HouseClock } from '@nexora/runtime';
import { FinkokPac } from './finkok.pac.ts';
import { pacConformance } from './pac.conformance.ts';

const clock = new HouseClock();

pacConformance('finkok', {
  open: ({ pacUrl, user, ...sandbox }, { timeoutMs, emptyMs, password = sandbox.password }) => {
    const lagMs = 600;
    return new FinkokPac(
      { name: 'sandbox', url: `${pacUrl}/finkok`, user, password, timeoutMs, emptyMs, lagMs },
      clock,
    );
  },
  hasCustomid: false,
  knowsNever: true,
  codes: { AU2000: '300', AU2001: '718', AU2003: '740' },
});
