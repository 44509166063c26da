import { INTERNET_CLASSES, type InternetClass } from '@nexora/contracts';
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

  /** True while classes are closed that wait for the kind's own to run out of rows. */
  holdsUp(kind: string): boolean {
    const which = this.#stations.find(({ lane }) => lane.kind === kind)?.worked.kind.needsInternet;
    if (which === undefined || which === false || this.#open === undefined) return false;
    const last = INTERNET_CLASSES[this.#open.size - 1];
    return last === which && this.#open.size < INTERNET_CLASSES.length;
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
