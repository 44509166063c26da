import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

const LARGEST_BYTES = 10 * 1024 * 1024;
const KEPT = 3;

/** A log that never grows beyond about 40 MB: full, it is renamed to `.1`, and `.3` is forgotten. */
export class LogFile {
  private readonly path: string;
  private handle: number;
  private bytes: number;

  constructor(path: string) {
    this.path = path;
    this.handle = openSync(path, 'a', 0o600);
    this.bytes = statSync(path).size;
  }

  /** Appends; what cannot be written (disk full) is lost, since the house must not fall for its log. */
  write(piece: string): void {
    try {
      this.bytes += writeSync(this.handle, piece);
      if (this.bytes > LARGEST_BYTES) this.rotate();
    } catch (error) {
      process.stderr.write(`log ${this.path}: ${String(error)}\n`);
    }
  }

  close(): void {
    closeSync(this.handle);
  }

  private rotate(): void {
    closeSync(this.handle);
    for (let number = KEPT - 1; number >= 1; number -= 1)
      renameIfThere(`${this.path}.${number}`, `${this.path}.${number + 1}`);
    renameIfThere(this.path, `${this.path}.1`);
    this.handle = openSync(this.path, 'a', 0o600);
    this.bytes = 0;
  }
}

function renameIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to);
}
