import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { BadInput, isRecord, replaceFile } from '@nexora/sandbox-kit';
import { parseMisbehaviour, type Misbehaviour } from './misbehaviour.ts';

/** A misbehaviour under way: the word it was asked with, and how many requests it still meets (null: until none). */
export interface ActiveMisbehaviour {
  readonly word: string;
  readonly remaining: number | null;
}

/** What a restart must not forget. */
export interface State {
  readonly internet: 'up' | 'cut';
  readonly misbehaviour: ActiveMisbehaviour | null;
  readonly offsetSeconds: number;
  /** Ports of the last run, taken again when none is asked for. */
  readonly ports: { readonly pac?: number; readonly heartbeat?: number; readonly control?: number };
}

const initial: State = { internet: 'up', misbehaviour: null, offsetSeconds: 0, ports: {} };

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536;
}

function portsIn(value: unknown): State['ports'] {
  if (!isRecord(value)) return {};
  const { pac, heartbeat, control } = value;
  return { ...(isPort(pac) && { pac }), ...(isPort(heartbeat) && { heartbeat }), ...(isPort(control) && { control }) };
}

function misbehaviourIn(value: unknown): ActiveMisbehaviour | null {
  if (!isRecord(value) || typeof value.word !== 'string') return null;
  parseMisbehaviour(value.word);
  return { word: value.word, remaining: typeof value.remaining === 'number' ? value.remaining : null };
}

function stateIn(text: string, path: string): State {
  try {
    const value = JSON.parse(text) as unknown;
    if (!isRecord(value)) throw new BadInput('not an object');
    return {
      internet: value.internet === 'cut' ? 'cut' : 'up',
      misbehaviour: misbehaviourIn(value.misbehaviour),
      offsetSeconds: typeof value.offsetSeconds === 'number' ? value.offsetSeconds : 0,
      ports: portsIn(value.ports),
    };
  } catch (cause) {
    throw new Error(`${path} cannot be read: remove it to start with the line up and a clock that is right`, { cause });
  }
}

/** The state and the file that keeps it; each change is on disk, whole, when its promise resolves. */
export class StateStore {
  private readonly path: string;
  private state: State;
  private writing: Promise<void> = Promise.resolve();

  private constructor(path: string, state: State) {
    this.path = path;
    this.state = state;
  }

  static async open(path: string): Promise<StateStore> {
    return new StateStore(path, existsSync(path) ? stateIn(await readFile(path, 'utf8'), path) : initial);
  }

  get current(): State {
    return this.state;
  }

  /** Takes effect at once in memory; the promise is the disk's. */
  change(part: Partial<State>): Promise<void> {
    this.state = { ...this.state, ...part };
    const text = JSON.stringify(this.state);
    this.writing = this.writing.then(() => replaceFile(this.path, text));
    return this.writing;
  }

  /** The misbehaviour that is on, none of it used up. */
  get misbehaviour(): Misbehaviour | null {
    const active = this.state.misbehaviour;
    return active === null ? null : parseMisbehaviour(active.word);
  }

  /** The misbehaviour that the next request meets, and one less of it. */
  async take(): Promise<Misbehaviour | null> {
    const active = this.state.misbehaviour;
    if (active === null) return null;
    if (active.remaining !== null) {
      const remaining = active.remaining - 1;
      await this.change({ misbehaviour: remaining > 0 ? { ...active, remaining } : null });
    }
    return parseMisbehaviour(active.word);
  }
}
