import { HouseClock } from '@nexora/runtime';
import { pacConformance } from './pac.conformance.ts';
import { SwPac } from './sw.pac.ts';

const clock = new HouseClock();

pacConformance('sw', {
  open: (sandbox, { timeoutMs, emptyMs, password = sandbox.password }) => {
    const { pacUrl: url, user } = sandbox;
    return new SwPac({ name: 'sandbox', url, user, password, token: '', timeoutMs, emptyMs }, clock);
  },
  hasCustomid: true,
  knowsNever: false,
  codes: {},
});
