import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import type { Say } from '@nexora/embedded';

const LARGEST_BYTES = 10 * 1024 * 1024;
const KEPT = 3;

/** A log that never grows beyond about 40 MB: full, it is renamed to `.1`, and `.3` is forgotten. */
export class LogFile {
  private readonly path: string;
  private readonly say: Say;
  private handle: number;
  private bytes: number;
  private failing = false;

  /** @param say Takes the line that says why nothing is written; default stderr. */
  constructor(path: string, say: Say = (line) => console.error(line)) {
    this.path = path;
    this.say = say;
    this.handle = openSync(path, 'a', 0o600);
    this.bytes = statSync(path).size;
  }

  /** Appends; what cannot be written (disk full) is lost and told once, since the house must not fall for its log. */
  write(piece: string): void {
    try {
      this.bytes += writeSync(this.handle, piece);
      if (this.bytes > LARGEST_BYTES) this.rotate();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.say(`log ${this.path}: ${String(error)}`);
      this.failing = true;
    }
  }

  close(): void {
    closeSync(this.handle);
  }

  private rotate(): void {
    // The new file first: when the disk has no room for it, everything stays as it is.
    const next = openSync(`${this.path}.next`, 'w', 0o600);
    for (let number = KEPT - 1; number >= 1; number -= 1)
      renameIfThere(`${this.path}.${number}`, `${this.path}.${number + 1}`);
    renameIfThere(this.path, `${this.path}.1`);
    renameSync(`${this.path}.next`, this.path);
    closeSync(this.handle);
    this.handle = next;
    this.bytes = 0;
  }
}

function renameIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to);
}
