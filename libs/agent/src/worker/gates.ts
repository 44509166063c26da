import type { InternetClass } from '@nexora/contracts';
import type { Telemetry } from '@nexora/runtime';
import type { Station } from './runner.ts';

/** Opens and closes the lanes of the kinds that need the Internet, as the ledger says. */
export class Gates {
  readonly #stations: readonly Station[];
  readonly #telemetry: Telemetry;
  #open: ReadonlySet<InternetClass> | undefined;

  constructor(stations: Iterable<Station>, telemetry: Telemetry) {
    this.#stations = [...stations];
    this.#telemetry = telemetry;
  }

  /** True while work of this class may be tried; unknown counts as open, the ledger decides at every claim. */
  isOpen(which: InternetClass): boolean {
    return this.#open?.has(which) ?? true;
  }

  /** Takes in which classes are open. Answers the kinds whose gate has just opened. */
  learn(open: readonly InternetClass[]): string[] {
    const before = this.#open;
    this.#open = new Set(open);
    const opened: string[] = [];
    for (const { worked, lane } of this.#stations) {
      const { needsInternet } = worked.kind;
      if (needsInternet === false) continue;
      const isOpen = this.#open.has(needsInternet);
      if (isOpen && before?.has(needsInternet) === false) opened.push(lane.kind);
      lane.setGate(isOpen);
    }
    if (before !== undefined && open.some((each) => !before.has(each))) {
      this.#telemetry.emit('classes-opened', { classes: open });
    }
    return opened;
  }
}
