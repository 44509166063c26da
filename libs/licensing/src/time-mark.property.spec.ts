import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DAY, HOUR, Machine, MINUTE, YEAR } from './machine.conformance.ts';
import { higherMark, type TimeMark } from './time-mark.ts';

const SEED = Number(process.env['NEXORA_SEED'] ?? Date.now() % 2 ** 31);

const span = fc.oneof(fc.integer({ min: 0, max: 2 * HOUR }), fc.integer({ min: 0, max: 40 * DAY }));
const error = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -30 * HOUR, max: 30 * HOUR }),
  fc.integer({ min: -30 * YEAR, max: 30 * YEAR }),
);

type Deed = (machine: Machine) => Machine;
const named = (name: string, deed: Deed): Deed => Object.assign(deed, { [fc.toStringMethod]: () => name });

/** What happens to a shop whose vendor's clock is right: everything else may be wrong. */
const deed: fc.Arbitrary<Deed> = fc.oneof(
  span.map((ms) => named(`run ${String(ms / HOUR)} h`, (m) => m.run(ms))),
  error.map((by) => named(`clock ${String(by / HOUR)} h`, (m) => m.clock(by))),
  fc
    .tuple(span, error)
    .map(([ms, by]) => named(`off ${String(ms / HOUR)} h, clock ${String(by / HOUR)} h`, (m) => m.off(ms, by))),
  fc
    .tuple(span, span)
    .map(([ago, lasts]) =>
      named(`take of ${String(ago / HOUR)} h ago for ${String(lasts / HOUR)} h`, (m) =>
        m.take(m.trueTime - ago, ago + lasts),
      ),
    ),
  fc
    .tuple(fc.integer({ min: 0, max: 4 * DAY }), fc.boolean())
    .map(([takes, late]) => named(`ask ${String(takes / HOUR)} h, late ${String(late)}`, (m) => m.ask(0, takes, late))),
  fc.constant(named('backup', (m) => m.backup())),
  fc.constant(named('restore', (m) => m.restore())),
);
const history = fc.array(deed, { maxLength: 25 });

/** Lives through a history, looking after each deed. */
function lived(
  deeds: Deed[],
  seen: (machine: Machine, before: TimeMark, after: TimeMark) => void = () => undefined,
): Machine {
  const machine = new Machine().take();
  for (const one of deeds) {
    const before = machine.look().mark;
    seen(one(machine), before, machine.look().mark);
  }
  return machine;
}

function holds<T>(property: fc.IProperty<T>): void {
  fc.assert(property, { seed: SEED, numRuns: 1000 });
}

describe(`time, whatever happens to the clock (NEXORA_SEED=${String(SEED)})`, () => {
  it('is never certain of more than has truly passed', () => {
    holds(
      fc.property(history, (deeds) => {
        lived(deeds, (machine, _before, after) => expect(after.certain).toBeLessThanOrEqual(machine.trueTime));
      }),
    );
  });

  it('is never counted below what is certain', () => {
    holds(
      fc.property(history, (deeds) => {
        lived(deeds, (_machine, _before, after) => expect(after.counted).toBeGreaterThanOrEqual(after.certain!));
      }),
    );
  });

  it('is certain of no less than before, but for a fresh signed time', () => {
    holds(
      fc.property(history, (deeds) => {
        lived(deeds, (_machine, before, after) => {
          if (after.setRight === before.setRight) expect(after.certain).toBeGreaterThanOrEqual(before.certain!);
        });
      }),
    );
  });

  it('never runs ahead of a clock that is right again, so that no wrong year locks out an honest shop', () => {
    holds(
      fc.property(history, (deeds) => {
        const machine = lived(deeds).clock(0);
        const { time, verdict } = machine.look();
        expect(time.getTime()).toBeLessThanOrEqual(machine.trueTime);
        if (verdict !== 'ahead') expect(time.getTime()).toBe(machine.trueTime);
      }),
    );
  });

  it('does not jump by more than a day within a boot that was looked at, but back to where it fell from', () => {
    holds(
      fc.property(history, error, (deeds, by) => {
        const machine = lived(deeds).clock(0);
        const { mark } = machine.look();
        if (!mark.settled) return;
        const counted = machine.clock(by).look().time.getTime();
        const due = mark.leap ?? mark.high!;
        expect(counted).toBeLessThanOrEqual(due + DAY);
      }),
    );
  });

  it('is right after an answer of the portal, and stays so while the machine runs with a clock that is off by over a day', () => {
    const wrong = fc.oneof(
      fc.integer({ min: DAY + MINUTE, max: 30 * YEAR }),
      fc.integer({ min: -30 * YEAR, max: -DAY - MINUTE }),
    );
    fc.assert(
      fc.property(history, wrong, span, (deeds, by, later) => {
        const machine = lived(deeds).ask().clock(by).run(later);
        expect(machine.look().time.getTime()).toBe(machine.trueTime);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it('is kept by whichever of two copies is the later', () => {
    holds(
      fc.property(history, (deeds) => {
        lived(deeds, (_machine, before, after) => {
          if (after.setRight < before.setRight) return;
          expect(higherMark(before, after)?.certain).toBe(after.certain);
        });
      }),
    );
  });
});
