import { Later } from '@nexora/agent';
import { HostResting } from '@nexora/connectivity';
import type { Unsent } from '../pac/answer-kinds.ts';

/** The breaker let nothing out: what that is as an answer of the PAC. */
export const RESTING: Unsent = {
  kind: 'unsent',
  offline: false,
  code: 'resting',
  message: 'El PAC falla: se le da un descanso.',
};

/** What was answered, or that the host is left alone just now; every other fault is thrown on. */
export async function orResting<T>(asked: Promise<T>): Promise<T | HostResting> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof HostResting) return error;
    throw error;
  }
}

/** The pause that the PAC asked for, at least a second; where it asked for none, the fate given. */
export function pauseOr(retryAfterMs: number | undefined, otherwise: Error): Error {
  if (retryAfterMs === undefined) return otherwise;
  return new Later(`${Math.max(1_000, Math.round(retryAfterMs))}ms`, 'the PAC asked for a pause');
}
