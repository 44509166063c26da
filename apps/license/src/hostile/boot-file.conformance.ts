import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { BootMoment, BootTime } from '../host/boot-time.ts';

/** A machine's boot time that a test moves for several processes at once: what stands in a file. */
export class BootFile implements BootTime {
  constructor(private readonly path: string) {}

  read(): BootMoment {
    return JSON.parse(readFileSync(this.path, 'utf8')) as BootMoment;
  }

  /** Replaced as a whole: no process reads half of it. */
  write(moment: BootMoment): void {
    writeFileSync(`${this.path}.new`, JSON.stringify(moment));
    renameSync(`${this.path}.new`, this.path);
  }
}
