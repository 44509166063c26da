import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput, errorCode, isRecord, replaceFile } from '@nexora/sandbox-kit';
import { partsFor, partsOf, type Part, type Step } from './misbehaviour.ts';

/** What a restart must not forget. */
export interface State {
  readonly internet: 'up' | 'cut';
  /** The step that acts now, and those after it. */
  readonly steps: readonly Step[];
  readonly offsetSeconds: number;
  /** Ports of the last run, taken again when none is asked for. */
  readonly ports: { readonly portal?: number; readonly control?: number };
}

const initial: State = { internet: 'up', steps: [], offsetSeconds: 0, ports: {} };

/** File of the state in a sandbox's directory. */
function pathIn(dir: string): string {
  return join(dir, 'state.json');
}

function portsIn(value: unknown): State['ports'] {
  if (!isRecord(value)) return {};
  const { portal, control } = value;
  return { ...(isPort(portal) && { portal }), ...(isPort(control) && { control }) };
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536;
}

function stepIn(value: unknown): Step {
  if (!isRecord(value) || typeof value.word !== 'string') throw new BadInput('no step');
  partsOf(value.word);
  return { word: value.word, remaining: typeof value.remaining === 'number' ? value.remaining : null };
}

function stateIn(text: string, path: string): State {
  try {
    const value = JSON.parse(text) as unknown;
    if (!isRecord(value)) throw new BadInput('not an object');
    const steps: unknown[] = Array.isArray(value.steps) ? value.steps : [];
    return {
      internet: value.internet === 'cut' ? 'cut' : 'up',
      steps: steps.map(stepIn),
      offsetSeconds: typeof value.offsetSeconds === 'number' ? value.offsetSeconds : 0,
      ports: portsIn(value.ports),
    };
  } catch (cause) {
    throw new Error(`${path} cannot be read: remove it to start with the line up and a clock that is right`, { cause });
  }
}

function readState(dir: string): State {
  const path = pathIn(dir);
  try {
    return stateIn(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return initial;
    throw error;
  }
}

/** The time of the house that a sandbox's directory belongs to, also while its portal does not run. */
export function houseTime(dir: string): Date {
  return new Date(Date.now() + readState(dir).offsetSeconds * 1000);
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

  static open(dir: string): StateStore {
    return new StateStore(pathIn(dir), readState(dir));
  }

  get current(): State {
    return this.state;
  }

  /** House time. */
  now(): Date {
    return new Date(Date.now() + this.state.offsetSeconds * 1000);
  }

  /** Takes effect at once in memory; the promise is the disk's. */
  change(part: Partial<State>): Promise<void> {
    this.state = { ...this.state, ...part };
    const text = JSON.stringify(this.state);
    const written = this.writing.then(() => replaceFile(this.path, text));
    // A disk that was full for a moment keeps no later change from being written.
    this.writing = written.catch(() => undefined);
    return written;
  }

  /** What the next request of this kind meets, and the word for it; one less of it if it meets anything. */
  async take(kind: 'renew' | 'crl' | 'other'): Promise<{ word: string | null; parts: Part[] }> {
    const [step, ...later] = this.state.steps;
    const parts = step === undefined ? [] : partsFor(step, kind);
    if (step === undefined || parts.length === 0) return { word: null, parts: [] };
    if (step.remaining !== null) {
      const remaining = step.remaining - 1;
      await this.change({ steps: remaining > 0 ? [{ ...step, remaining }, ...later] : later });
    }
    return { word: step.word, parts };
  }
}
