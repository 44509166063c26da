import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';

/** One order to the process that draws. */
export interface ToDraw {
  readonly number: number;
  readonly xml: Uint8Array;
  readonly idioma: 'es' | 'en';
}

/** Its answer. */
export type Drawn =
  { readonly number: number; readonly pdf: Uint8Array } | { readonly number: number; readonly fault: string };

interface Waiting {
  resolve(pdf: Buffer): void;
  reject(error: Error): void;
}

/** Nothing to draw for this long: the process ends, and its memory goes back. */
const IDLE_MS = 10_000;

const FROM_SOURCES = import.meta.url.endsWith('.ts');
const PROGRAM = fileURLToPath(new URL(FROM_SOURCES ? './press.process.ts' : './press.process.js', import.meta.url));
/** Many times what a document of a hundred pages takes; sources take their libraries from sources too. */
const FLAGS = [
  '--max-old-space-size=256',
  '--max-semi-space-size=1',
  ...(FROM_SOURCES ? ['--conditions=@nexora/source', '--disable-warning=ExperimentalWarning'] : []),
];

/**
 * Draws representaciones impresas in a process of its own. The agent's loop goes on meanwhile (a long document takes
 * more than 100 ms), and the 45 MB of the drawing libraries are there only while somebody draws; a thread did not give
 * them back. The process knows no setting and no secret, and ends with the agent, however that ends.
 */
@Injectable()
export class Press implements OnModuleDestroy {
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last = 0;

  /** @throws Error with the reason for an XML that is no stamped CFDI, or when the process died */
  draw(xml: Uint8Array, idioma: 'es' | 'en'): Promise<Buffer> {
    clearTimeout(this.#idle);
    const child = (this.#child ??= this.#start());
    const number = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      child.send({ number, xml, idioma } satisfies ToDraw, (error) => {
        if (error !== null) this.#died(child, error);
      });
    });
  }

  onModuleDestroy(): void {
    this.#end();
  }

  #start(): ChildProcess {
    const child = fork(PROGRAM, {
      execArgv: FLAGS,
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('message', (answer: Drawn) => this.#answered(answer));
    child.on('error', (error: Error) => this.#died(child, error));
    child.on('exit', () => this.#died(child, new Error('The process that draws PDFs ended.')));
    return child;
  }

  #answered(answer: Drawn): void {
    const waiting = this.#waiting.get(answer.number);
    this.#waiting.delete(answer.number);
    if ('pdf' in answer) waiting?.resolve(Buffer.from(answer.pdf));
    else waiting?.reject(new Error(answer.fault));
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref();
  }

  #died(child: ChildProcess, error: Error): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    this.#abandon(error);
  }

  #abandon(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }

  #end(): void {
    clearTimeout(this.#idle);
    const child = this.#child;
    this.#child = undefined;
    this.#abandon(new Error('The process that draws PDFs was ended.'));
    child?.kill('SIGKILL'); // it holds nothing that could be lost
  }
}
