import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Lock } from '@nexora/embedded';
import {
  answerControl,
  BodyTooLarge,
  choosePort,
  type Handler,
  JournalBroken,
  json,
  Listener,
  makeFolderOnce,
  send,
  takePossession,
} from '@nexora/sandbox-kit';
import { authorityFiles, openAuthority, type Authority } from './ca/authority.ts';
import { Authority as Cancellations } from './cancel/authority.ts';
import { Book, termsIn, type LoggedCancellation } from './cancel/book.ts';
import { CancelDesk } from './cancel/desk.ts';
import { FinkokCancelProtocol } from './cancel/finkok.ts';
import { SwCancelProtocol } from './cancel/sw.ts';
import { PacClock } from './clock.ts';
import { controlsOf, type Controls, type SandboxState } from './control/control.ts';
import { Desk } from './desk.ts';
import { FinkokProtocol } from './finkok/finkok.ts';
import { parseMisbehaviour } from './misbehaviour.ts';
import { Memory, type LoggedRequest } from './pac/memory.ts';
import { Pac } from './pac/pac.ts';
import { trustOf } from './pac/trust.ts';
import type { Protocol } from './protocol.ts';
import { ConsultaProtocol } from './sat/consulta.ts';
import type { Settings } from './settings.ts';
import { StateStore } from './state.ts';
import { SwProtocol } from './sw/sw.ts';
import { Tokens } from './sw/tokens.ts';
import { SwWarehouse } from './sw/warehouse.ts';

const localhost = '127.0.0.1';
/** Body of the heartbeat: what tells the Internet from a captive portal. */
export const heartbeatBody = 'nexora-sandbox-heartbeat\n';

/** Where the sandbox can be reached, told on one line when it is ready. */
export interface Ready {
  readonly ready: true;
  readonly pid: number;
  readonly pac: string;
  readonly heartbeat: string;
  readonly control: string;
}

async function secretOf(dir: string): Promise<Buffer> {
  const folder = join(dir, 'secret');
  await makeFolderOnce(folder, () => Promise.resolve([{ name: 'tokens.key', bytes: randomBytes(32), secret: true }]));
  return readFile(join(folder, 'tokens.key'));
}

function heartbeat(clock: PacClock): Handler {
  return (request, response) => {
    request.resume();
    const found = request.url?.split('?')[0] === '/heartbeat' && request.method === 'GET';
    const body = found ? heartbeatBody : 'Not found\n';
    send(response, { status: found ? 200 : 404, type: 'text/plain; charset=utf-8', body, now: clock.house() });
  };
}

/** The process: PAC and heartbeat that a cut line takes away, and the control port that stays. */
export class Sandbox implements Controls {
  private readonly possession: Lock;
  private readonly store: StateStore;
  private readonly memory: Memory;
  private readonly book: Book;
  private readonly authority: Authority;
  private readonly clock: PacClock;
  private readonly pac: Listener;
  private readonly heartbeat: Listener;
  private readonly control: Listener;
  private line: Promise<void> = Promise.resolve();

  private constructor(parts: {
    possession: Lock;
    store: StateStore;
    memory: Memory;
    book: Book;
    authority: Authority;
    protocols: readonly Protocol[];
    clock: PacClock;
    host: string;
    ports: { pac: number; heartbeat: number; control: number };
    onFatal: (error: unknown) => void;
  }) {
    const { ports, host, clock } = parts;
    this.possession = parts.possession;
    this.store = parts.store;
    this.memory = parts.memory;
    this.book = parts.book;
    this.authority = parts.authority;
    this.clock = clock;
    this.pac = new Listener(host, ports.pac, speaking(parts.protocols, clock, parts.onFatal));
    this.heartbeat = new Listener(host, ports.heartbeat, heartbeat(clock));
    const controls = controlsOf(this);
    this.control = new Listener(localhost, ports.control, (request, response) => {
      void answerControl(controls, request, response);
    });
  }

  /** Opens what is kept under the directory and listens. `onFatal` is told when nothing more can be kept. */
  static async start(settings: Settings, onFatal: (error: unknown) => void): Promise<Sandbox> {
    const { dir, host } = settings;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const possession = await takePossession('sandbox PAC', dir);
    const store = await StateStore.open(join(dir, 'state.json'));
    const kept = store.current.ports;
    const ports = {
      pac: await choosePort(host, settings.pacPort, kept.pac),
      heartbeat: await choosePort(host, settings.heartbeatPort, kept.heartbeat),
      control: await choosePort(localhost, settings.controlPort, kept.control),
    };
    await store.change({ ports });
    const authority = await openAuthority(dir);
    const memory = await Memory.open(join(dir, 'pac.jsonl'));
    const clock = new PacClock(store);
    const trust = await trustOf(authority.certificate, settings.resources);
    const desk = new Desk(new Pac(memory, trust, authority.stamping), store, clock);
    const tokens = new Tokens(await secretOf(dir));
    const book = await Book.open(join(dir, 'cancel.jsonl'));
    const cancellations = new Cancellations(memory, book, trust);
    const cancelDesk = new CancelDesk(cancellations, store, clock);
    const protocols = [
      new SwProtocol(desk, tokens, settings),
      new SwWarehouse(desk, tokens),
      new SwCancelProtocol(cancelDesk, tokens, () => memory.stamps),
      new FinkokProtocol(desk, settings, () => book.terms.stamps),
      new FinkokCancelProtocol(cancelDesk, settings),
      new ConsultaProtocol(cancellations, memory, clock),
    ];
    const sandbox = new Sandbox({ store, memory, book, authority, protocols, clock, host, ports, possession, onFatal });
    await sandbox.control.open();
    if (store.current.internet === 'up') await sandbox.raise();
    return sandbox;
  }

  get ready(): Ready {
    const { pac, heartbeat, control: controls } = this;
    return {
      ready: true,
      pid: process.pid,
      pac: pac.url,
      heartbeat: `${heartbeat.url}/heartbeat`,
      control: controls.url,
    };
  }

  async stop(): Promise<void> {
    await Promise.all([this.pac.close(), this.heartbeat.close(), this.control.close()]);
    await this.memory.close();
    await this.book.close();
    await this.possession.release();
  }

  /** One after the other, so that a cut and a restore that cross leave what the later one says. */
  async internet(action: 'cut' | 'restore'): Promise<void> {
    const done = this.line.then(() => (action === 'cut' ? this.cut() : this.restore()));
    this.line = done.catch(() => undefined);
    await done;
  }

  async misbehave(word: string, times: number | null): Promise<void> {
    const terms = termsIn(word);
    if (terms !== undefined) return this.book.set(terms);
    const misbehaviour = parseMisbehaviour(word);
    await this.store.change({ misbehaviour: misbehaviour === null ? null : { word, remaining: times } });
  }

  async moveClock(offsetSeconds: number): Promise<void> {
    await this.store.change({ offsetSeconds });
  }

  requests(): readonly LoggedRequest[] {
    return this.memory.requests;
  }

  cancellations(): readonly LoggedCancellation[] {
    return this.book.requests;
  }

  state(): SandboxState {
    const { internet, misbehaviour, offsetSeconds } = this.store.current;
    return {
      internet,
      pac: {
        url: this.pac.url,
        misbehaviour: misbehaviour?.word ?? 'none',
        remaining: misbehaviour?.remaining ?? null,
      },
      heartbeat: { url: `${this.heartbeat.url}/heartbeat` },
      clock: { offsetSeconds, now: this.clock.house().toISOString() },
      requests: this.memory.requests.length,
      stamps: this.memory.stamps,
      terms: this.book.terms,
      certificates: {
        authority: join(this.authority.folder, authorityFiles.authority),
        stamping: join(this.authority.folder, authorityFiles.stamping),
      },
    };
  }

  private async cut(): Promise<void> {
    await this.store.change({ internet: 'cut' });
    await Promise.all([this.pac.close(), this.heartbeat.close()]);
  }

  private async restore(): Promise<void> {
    await this.raise();
    await this.store.change({ internet: 'up' });
  }

  private async raise(): Promise<void> {
    try {
      await Promise.all([this.pac.open(), this.heartbeat.open()]);
    } catch (error) {
      await Promise.all([this.pac.close(), this.heartbeat.close()]);
      throw error;
    }
  }
}

async function speak(
  protocols: readonly Protocol[],
  clock: PacClock,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  for (const protocol of protocols) if (await protocol.handle({ request, response, path })) return;
  request.resume();
  send(response, json(404, { status: 'error', message: 'Recurso no encontrado', data: null }, clock.now()));
}

/** Offers a request to each protocol. A caller that went away needs no answer; a memory that is lost ends the process. */
function speaking(protocols: readonly Protocol[], clock: PacClock, onFatal: (error: unknown) => void): Handler {
  return (request, response) => {
    speak(protocols, clock, request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      if (error instanceof JournalBroken) return onFatal(error);
      const large = error instanceof BodyTooLarge;
      if (!large) console.error(error);
      const message = large ? error.message : 'CO1000 - Error no clasificado en el servicio.';
      if (!response.headersSent)
        send(response, json(large ? 413 : 500, { status: 'error', message, data: null }, clock.now()));
      else response.socket?.destroy();
    });
  };
}
