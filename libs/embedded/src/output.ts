/** The last lines that a process printed, for the message that says why it failed. */
export class RecentOutput {
  private readonly lines: string[] = [];
  private readonly capacity: number;
  private partial = '';

  constructor(capacity = 200) {
    this.capacity = capacity;
  }

  /** Takes a piece of output; a line is kept once it is complete. Answers the lines completed by it. */
  push(piece: string): string[] {
    const complete = (this.partial + piece).split('\n');
    this.partial = (complete.pop() ?? '').slice(-10_000);
    this.lines.push(...complete);
    if (this.lines.length > this.capacity) this.lines.splice(0, this.lines.length - this.capacity);
    return complete;
  }

  /** The last `count` lines, the unfinished one included. */
  tail(count = this.capacity): string {
    const all = this.partial === '' ? this.lines : [...this.lines, this.partial];
    return all.slice(-count).join('\n');
  }
}
