import { HouseClock } from '@nexora/runtime';
import { cancelConformance } from './cancel.conformance.ts';
import { FinkokPac } from './finkok.pac.ts';

cancelConformance('finkok', ({ pacUrl, user }, password, timeoutMs) => {
  const url = `${pacUrl}/finkok`;
  const options = { name: 'sandbox', url, user, password, timeoutMs, emptyMs: 1_000, lagMs: 600 };
  return new FinkokPac(options, new HouseClock());
});
