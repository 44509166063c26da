import { existsSync, readFileSync, rmSync } from 'node:fs';
import { refOf, type ProcessRef } from '@nexora/embedded';
import { writeWhole, type Home } from './home.ts';

/** What a supervised process is doing. */
export type ProcessState = 'starting' | 'running' | 'backoff' | 'stopped';

/** One supervised process, as the state file tells it. */
export interface ProcessEntry {
  /** Folder under `apps/` or `tools/`. */
  readonly name: string;
  readonly state: ProcessState;
  /** The Node process itself; null while it is down. */
  readonly ref: ProcessRef | null;
  readonly restarts: number;
  readonly metricsUrl: string | null;
  /** Why it last ended by itself; null when it never did. */
  readonly reason: string | null;
  /** When that was, ISO 8601. */
  readonly endedAt: string | null;
}

/** A service of the house; private ones have a process of ours. */
export interface ServiceEntry {
  readonly url: string;
  /** The private server's process; null for a given server, and while a private one is down. */
  readonly ref: ProcessRef | null;
  /** Whether the settings named it: nobody here keeps it up. */
  readonly given: boolean;
}

/** The sandbox licence portal. */
export interface PortalEntry {
  readonly url: string;
  readonly controlUrl: string;
  /** The keys that it signs with or signed with, as LICENSE_PUBLIC_KEY_HEX takes them. */
  readonly keys: string;
}

/** Everything that commands in other processes need to know of a running house. Holds passwords: mode 0600. */
export interface StackState {
  readonly supervisor: ProcessRef;
  readonly phase: 'starting' | 'running' | 'stopping' | 'failed';
  /** Why it failed. */
  readonly why?: string;
  readonly gateway?: { readonly url: string };
  /** The login that migrates, and the logins of apps by name; none when it may not create roles: then all use it. */
  readonly postgres?: ServiceEntry & { readonly logins: Readonly<Record<string, string>> };
  readonly redis?: ServiceEntry;
  readonly storage?: { readonly url: string };
  /** Whether the key that encrypts the issuers' keys is one of the caller's own, which is kept nowhere here. */
  readonly keyGiven: boolean;
  /** What stands in for the outside world; a real PAC or a portal that the settings name leaves its part out. */
  readonly sandbox?: {
    readonly pac?: { readonly url: string; readonly heartbeatUrl: string; readonly controlUrl: string };
    readonly portal?: PortalEntry;
  };
  /** Settings of the licence that the agents got, given ones too: its command line must decide by the same. */
  readonly license?: Readonly<Record<string, string>>;
  readonly processes: readonly ProcessEntry[];
}

const FILE = 'state.json';

/** What the last supervisor wrote, or null when nothing was started, or all was stopped in order. */
export function readState(home: Home): StackState | null {
  const file = home.file(FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StackState) : null;
}

/** The state of what was started since this machine's start: after a power cut nothing was. */
export function readStateOfThisBoot(home: Home): StackState | null {
  const state = readState(home);
  return state?.supervisor.boot === refOf(process.pid)?.boot ? state : null;
}

/** Writes the whole state in one step. */
export function writeState(home: Home, state: StackState): void {
  writeWhole(home.file(FILE), JSON.stringify(state, null, 2));
}

/** After a stop in order. */
export function removeState(home: Home): void {
  rmSync(home.file(FILE), { force: true });
}

/** Every process that the state names, services last. */
export function processesIn(state: StackState): ProcessRef[] {
  const entries = [...state.processes, state.redis, state.postgres];
  return entries.map((entry) => entry?.ref ?? null).filter((ref) => ref !== null);
}
