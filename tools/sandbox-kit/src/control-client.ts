/** Thrown when a control port says no; the sentence is the sandbox's. */
export class ControlRefused extends Error {
  constructor(path: string, answer: string) {
    super(`${path}: ${answer}`);
    this.name = 'ControlRefused';
  }
}

/** Speaks to a sandbox's control port. Errors of every call: ControlRefused; those of fetch when nobody listens. */
export class ControlClient {
  readonly controlUrl: string;

  constructor(controlUrl: string) {
    this.controlUrl = controlUrl.replace(/\/$/, '');
  }

  /** POST of a JSON object; answers what the sandbox does, parsed but not checked. */
  protected async change<T>(path: string, body: object): Promise<T> {
    return JSON.parse(await this.ask(path, body)) as T;
  }

  protected async read<T>(path: string): Promise<T> {
    return JSON.parse(await this.ask(path)) as T;
  }

  /** The records of a log: one JSON object per line. */
  protected async readLines<T>(path: string): Promise<T[]> {
    const lines = (await this.ask(path)).split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as T);
  }

  protected async ask(path: string, body?: object): Promise<string> {
    const post = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${this.controlUrl}${path}`, body === undefined ? {} : post);
    const text = await response.text();
    if (!response.ok) throw new ControlRefused(path, text);
    return text;
  }
}
