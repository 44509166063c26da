import { HouseClock } from '@nexora/runtime';
import { cancelConformance } from './cancel.conformance.ts';
import { SwPac } from './sw.pac.ts';

cancelConformance('sw', ({ pacUrl: url, user }, password, timeoutMs) => {
  const options = { name: 'sandbox', url, user, password, token: '', timeoutMs, emptyMs: 1_000 };
  return new SwPac(options, new HouseClock());
});
