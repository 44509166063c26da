import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { IssuerStyle } from './issuer-styles.ts';

/** How one print looks. */
export interface PressStyle extends IssuerStyle {
  /** Whether each page says that the comprobante is cancelled. */
  readonly isCancelled?: boolean;
}

/** One order to the process that draws. */
export interface ToDraw {
  readonly number: number;
  readonly xml: Uint8Array;
  readonly style: PressStyle;
}

/** Its answer. `isOfDocument`: the same document would fail again. */
export type Drawn =
  | { readonly number: number; readonly pdf: Uint8Array }
  | { readonly number: number; readonly fault: string; readonly isOfDocument: boolean };

/** The document cannot be drawn, now or later; the sentence says why, in Spanish. */
export class Undrawable extends Error {
  override readonly name = 'Undrawable';
}

interface Order {
  readonly xml: Uint8Array;
  readonly style: PressStyle;
  readonly resolve: (pdf: Buffer) => void;
  readonly reject: (error: Error) => void;
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
 * Draws representaciones impresas in a process of its own, one after the other. The agent's loop goes on meanwhile (a
 * document of 10,000 lines takes three seconds), and the memory of the drawing libraries is there only while somebody draws;
 * a thread did not give it back. The process knows no setting and no secret, and ends with the agent, however that
 * ends. When it dies or hangs, the document that it had fails, and those that wait go to a new one.
 */
@Injectable()
export class Press implements OnModuleDestroy {
  /** Longest time for one document, a start included: many times that of the largest. */
  protected readonly limitMs: number = 60_000;
  readonly #queue: Order[] = [];
  #current: Order | undefined;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = 0;

  /** The process that draws, while there is one. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * @throws Undrawable for an XML that is no stamped CFDI 4.0, or holds a complemento that is not printed
   * @throws Error when the process died or took too long with this document: it may be tried again
   */
  draw(xml: Uint8Array, style: PressStyle): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ xml, style, resolve, reject });
      this.#next();
    });
  }

  onModuleDestroy(): void {
    this.#end();
    const ended = new Error('The process that draws PDFs was ended.');
    const orders = [...(this.#current === undefined ? [] : [this.#current]), ...this.#queue.splice(0)];
    this.#current = undefined;
    for (const order of orders) order.reject(ended);
  }

  #next(): void {
    if (this.#current !== undefined) return;
    clearTimeout(this.#timer);
    this.#current = this.#queue.shift();
    if (this.#current === undefined) {
      this.#timer = setTimeout(() => this.#end(), IDLE_MS).unref();
      return;
    }
    const { xml, style } = this.#current;
    const child = (this.#child ??= this.#start());
    const seconds = this.limitMs / 1000;
    this.#timer = setTimeout(
      () => this.#died(child, new Error(`Drawing the PDF took more than ${seconds} s.`)),
      this.limitMs,
    );
    child.send({ number: ++this.#last, xml, style } satisfies ToDraw, (error) => {
      if (error !== null) this.#died(child, error);
    });
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
    if (answer.number !== this.#last) return;
    const order = this.#current;
    this.#current = undefined;
    if ('pdf' in answer) order?.resolve(Buffer.from(answer.pdf));
    else order?.reject(answer.isOfDocument ? new Undrawable(answer.fault) : new Error(answer.fault));
    this.#next();
  }

  /** The process is given up: its document fails, the others go on. */
  #died(child: ChildProcess, error: Error): void {
    if (child !== this.#child) return;
    this.#end();
    const order = this.#current;
    this.#current = undefined;
    order?.reject(error);
    this.#next();
  }

  #end(): void {
    clearTimeout(this.#timer);
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL'); // it holds nothing that could be lost
  }
}
