import type { Telemetry } from '@nexora/runtime';
import { keptIn, keptText, NOTHING_KEPT, type Kept } from './judging/kept.ts';
import type { StateFile } from './store/state-file.ts';

/**
 * What is kept outside Postgres. A folder that cannot be read or written is told and stops nothing: Postgres holds the
 * same, and the next cycle mends the file.
 */
export class Folder {
  readonly #file: StateFile;
  readonly #telemetry: Telemetry | undefined;

  constructor(file: StateFile, telemetry: Telemetry | undefined) {
    this.#file = file;
    this.#telemetry = telemetry;
  }

  /** What the file holds; nothing when there is none, or none that can be read. */
  async read(): Promise<Kept> {
    try {
      const text = await this.#file.read();
      if (text === undefined) return NOTHING_KEPT;
      const kept = keptIn(text);
      if (kept !== undefined) return kept;
      throw new Error('The file is not what was written.');
    } catch (error) {
      this.#telemetry?.emit('license-folder-failed', { doing: 'read', error });
      return NOTHING_KEPT;
    }
  }

  /** Replaces what the file holds. */
  async write(kept: Kept): Promise<void> {
    try {
      await this.#file.write(keptText(kept));
    } catch (error) {
      this.#telemetry?.emit('license-folder-failed', { doing: 'write', error });
    }
  }
}
