import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { kill } from 'node:process';
import { errorCode } from './error-code.ts';

/** A process that cannot be mistaken for a later one with the same id: ids are used again, start times are not. */
export interface ProcessRef {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/<pid>/stat. */
  readonly startedAt: string;
  /** Boot id, so that a reference written before a power cut never matches. */
  readonly boot: string;
}

/** Memory of one process in bytes; PSS counts shared pages in proportion. */
export interface Memory {
  readonly rssBytes: number;
  readonly pssBytes: number;
}

interface Stat {
  readonly state: string;
  readonly parent: number;
  readonly startedAt: string;
}

/** Fields of /proc/<pid>/stat; null once the process is gone. */
function stat(pid: number): Stat | null {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The second field is the command in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '?', parent: Number(fields[1]), startedAt: fields[19] ?? '' };
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR'].includes(errorCode(error) ?? '');
}

function bootId(): string {
  return readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown';
}

/** Reference to a live process, or null when there is none with this id (a zombie counts as gone). */
export function refOf(pid: number): ProcessRef | null {
  const found = stat(pid);
  if (found === null || found.state === 'Z' || found.state === 'X') return null;
  return { pid, startedAt: found.startedAt, boot: bootId() };
}

/** Whether exactly this process still runs. */
export function isAlive(ref: ProcessRef): boolean {
  const now = refOf(ref.pid);
  return now !== null && now.startedAt === ref.startedAt && now.boot === ref.boot;
}

/** Every process id that this machine shows us. */
function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The process and everything it started that is still its descendant, parents first. */
export function familyOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const each of allPids()) {
    const found = stat(each);
    if (found !== null) children.set(found.parent, [...(children.get(found.parent) ?? []), each]);
  }
  const family = [pid];
  for (const member of family) family.push(...(children.get(member) ?? []));
  return family;
}

/** References to the descendants of a process that are alive now, so that their end can be awaited. */
export function descendantsOf(pid: number): ProcessRef[] {
  return familyOf(pid)
    .slice(1)
    .map(refOf)
    .filter((ref) => ref !== null);
}

/** Processes whose working directory is this folder: a Postgres instance stands in its data directory. */
export function pidsWorkingIn(folder: string): number[] {
  return allPids().filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder && refOf(pid) !== null;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  });
}

/** The command line of a process, arguments separated by spaces; null once it is gone. */
export function commandLine(pid: number): string | null {
  return readProc(`/proc/${pid}/cmdline`)?.split('\0').join(' ').trim() ?? null;
}

/** Resident and proportional memory, or null once the process is gone. */
export function memoryOf(pid: number): Memory | null {
  const rollup = readProc(`/proc/${pid}/smaps_rollup`);
  const rss = kilobytes(rollup, 'Rss') ?? kilobytes(readProc(`/proc/${pid}/status`), 'VmRSS');
  if (rss === null) return null;
  return { rssBytes: rss * 1024, pssBytes: (kilobytes(rollup, 'Pss') ?? rss) * 1024 };
}

function kilobytes(text: string | null, field: string): number | null {
  const found = text === null ? null : new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text);
  return found === null ? null : Number(found[1]);
}

/** Sends a signal; false when the process is gone already. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return kill(pid, name);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
    throw error;
  }
}
