import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob, ClaimRequest, Ledger } from '@nexora/outbox';
import { collected, Telemetry } from '@nexora/runtime';
import { TestClock } from '@nexora/testing';
import { Claims } from './claims.ts';
import { Lane } from './lane.ts';
import { Passage } from './passage.ts';
import { Roster } from './roster.ts';
import type { Station } from './runner.ts';
import { Session } from './session.ts';

const kind = 'sample.work';
const row = { id: 'a', kind, priority: 'default', dueMicros: 5, intent: null } as unknown as ClaimedJob;

/** Claims of one kind with one slot; each brings one row, which never runs. */
function shop() {
  const clock = new TestClock();
  const lane = new Lane(kind, 1);
  const session = new Session();
  session.stand('not started', false);
  /** The heads that each claim went by. */
  const heads: unknown[] = [];
  const ledger = {
    claim: async (request: ClaimRequest) => {
      heads.push(request.heads?.of(kind, 2));
      request.heads?.moved(kind, [row], 1);
      return [row];
    },
  };
  const claims = new Claims({
    ledger: ledger as unknown as Ledger,
    session,
    roster: new Roster(),
    stations: new Map([[kind, { lane } as Station]]),
    clock,
    telemetry: Telemetry.open({ agent: 'sample', level: 'error', sink: collected([]) }),
    passage: new Passage(clock),
    start: () => undefined,
    ring: () => undefined,
    ranOut: () => undefined,
    lost: () => undefined,
    unsure: () => undefined,
    doubt: () => undefined,
    signal: new AbortController().signal,
  });
  return { claims, lane, heads };
}

describe('a process that is told to look again', () => {
  it('claims from the start of its queues, though it remembers where the last full claim ended', async () => {
    const { claims, lane, heads } = shop();
    await claims.wake(kind, 'notify');
    lane.ended();
    await claims.wake(kind, 'notify');
    lane.ended();
    expect(heads).toEqual([undefined, { dueMicros: 5, id: 'a' }]);
    claims.lookAgain();
    expect(heads[2]).toBeUndefined();
    expect(heads).toHaveLength(3);
  });

  it('counts its slots by what runs here, and so finds one whose end was never told', async () => {
    const { claims, lane, heads } = shop();
    lane.started(); // and no job of the roster knows of it
    await claims.wake(kind, 'notify');
    expect(heads).toEqual([]);
    claims.lookAgain();
    expect(heads).toHaveLength(1);
  });
});
