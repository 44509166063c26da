import { Worker } from 'node:worker_threads';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';

/** One order to the thread. */
export interface ToDraw {
  readonly number: number;
  readonly xml: Uint8Array;
  readonly idioma: 'es' | 'en';
}

/** Its answer. */
export type Drawn =
  { readonly number: number; readonly pdf: Uint8Array } | { readonly number: number; readonly error: unknown };

interface Waiting {
  resolve(pdf: Buffer): void;
  reject(error: unknown): void;
}

/** A thread that had nothing to draw for this long ends, and its memory goes back. */
const IDLE_MS = 10_000;
/** The heap of the thread: many times what a document of a hundred pages takes. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 256 };

const FROM_SOURCES = import.meta.url.endsWith('.ts');
const THREAD = new URL(FROM_SOURCES ? './press.thread.ts' : './press.thread.js', import.meta.url);
/** Sources take their libraries from sources too. What is built starts with the flags of its process. */
const SOURCE_FLAGS = { execArgv: ['--conditions=@nexora/source', '--disable-warning=ExperimentalWarning'] };

/**
 * Draws representaciones impresas in a thread of its own. The agent's loop goes on meanwhile (a long document takes
 * more than 100 ms), and the 40 MB of the drawing libraries are there only while somebody draws.
 */
@Injectable()
export class Press implements OnModuleDestroy {
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last = 0;

  /** @throws Invalid (by its message) for an XML that is no stamped CFDI, or what the thread died of */
  draw(xml: Uint8Array, idioma: 'es' | 'en'): Promise<Buffer> {
    clearTimeout(this.#idle);
    this.#thread ??= this.#start();
    const number = ++this.#last;
    const drawn = new Promise<Buffer>((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
    this.#thread.postMessage({ number, xml, idioma } satisfies ToDraw);
    return drawn;
  }

  async onModuleDestroy(): Promise<void> {
    await this.#end();
  }

  #start(): Worker {
    const thread = new Worker(THREAD, { resourceLimits: RESOURCE_LIMITS, ...(FROM_SOURCES ? SOURCE_FLAGS : {}) });
    thread.on('message', (answer: Drawn) => this.#answered(answer));
    thread.on('error', (error: Error) => this.#died(thread, error));
    thread.on('exit', () => this.#died(thread, new Error('The thread that draws PDFs ended.')));
    thread.unref();
    return thread;
  }

  #answered(answer: Drawn): void {
    const waiting = this.#waiting.get(answer.number);
    this.#waiting.delete(answer.number);
    if ('pdf' in answer) waiting?.resolve(Buffer.from(answer.pdf));
    else waiting?.reject(answer.error);
    if (this.#waiting.size > 0) return;
    this.#idle = setTimeout(() => void this.#end(), IDLE_MS).unref();
  }

  #died(thread: Worker, error: Error): void {
    if (thread !== this.#thread) return;
    this.#thread = undefined;
    this.#abandon(error);
  }

  #abandon(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle);
    const thread = this.#thread;
    this.#thread = undefined;
    this.#abandon(new Error('The thread that draws PDFs was ended.'));
    await thread?.terminate();
  }
}
