import { isAlive, memoryOf, type ProcessRef } from '@nexora/embedded';
import type { ProcessEntry, ProcessState, ServiceEntry, StackState } from './state.ts';

/** A server that the settings name: nobody here knows whether it runs. */
const GIVEN = 'not ours';

/** One process as `status --json` tells it. */
export interface ProcessReport {
  readonly name: string;
  readonly pid: number | null;
  readonly state: ProcessState;
  readonly restarts: number;
  readonly rssBytes: number | null;
  readonly pssBytes: number | null;
  readonly metricsUrl: string | null;
}

/** What `status --json` prints; parts not there yet are left out. */
export interface StatusReport {
  readonly gateway?: { readonly url: string };
  readonly postgres?: { readonly url: string };
  readonly redis?: { readonly url: string };
  readonly storage?: { readonly url: string };
  readonly sandbox?: { readonly pac?: { readonly url: string }; readonly portal?: { readonly url: string } };
  readonly processes: readonly ProcessReport[];
}

/** Exit code of `status`: 0 all runs, 1 something is down, 3 nothing was started. */
export function verdict(state: StackState | null): 0 | 1 | 3 {
  if (state === null) return 3;
  const processes = state.processes.every((entry) => processReport(entry, state).state === 'running');
  const services = [state.postgres, state.redis].every((entry) =>
    ['running', GIVEN].includes(serviceState(entry, state)),
  );
  return processes && services && state.phase === 'running' && isAlive(state.supervisor) ? 0 : 1;
}

/** The report for programs. */
export function report(state: StackState | null): StatusReport {
  if (state === null) return { processes: [] };
  const { gateway, postgres, redis, storage, sandbox } = state;
  return {
    ...(gateway === undefined ? {} : { gateway }),
    ...(postgres === undefined ? {} : { postgres: { url: postgres.url } }),
    ...(redis === undefined ? {} : { redis: { url: redis.url } }),
    ...(storage === undefined ? {} : { storage }),
    ...(sandbox === undefined ? {} : { sandbox: sandboxReport(sandbox) }),
    processes: state.processes.map((entry) => processReport(entry, state)),
  };
}

/** Addresses that programs speak to; how the sandbox is controlled is the affair of its own command. */
function sandboxReport({ pac, portal }: NonNullable<StackState['sandbox']>): StatusReport['sandbox'] {
  return {
    ...(pac === undefined ? {} : { pac: { url: pac.url } }),
    ...(portal === undefined ? {} : { portal: { url: portal.url } }),
  };
}

function processReport(entry: ProcessEntry, state: StackState): ProcessReport {
  const { name, restarts, metricsUrl } = entry;
  const memory = entry.ref === null ? null : memoryOf(entry.ref.pid);
  const alive = entry.ref !== null && isAlive(entry.ref) && memory !== null;
  const supervised = isAlive(state.supervisor);
  const down = supervised && entry.state !== 'running' && entry.state !== 'starting' ? entry.state : 'stopped';
  return {
    name,
    pid: alive ? (entry.ref?.pid ?? null) : null,
    state: alive ? entry.state : down,
    restarts,
    rssBytes: alive ? memory.rssBytes : null,
    pssBytes: alive ? memory.pssBytes : null,
    metricsUrl,
  };
}

/** The report for people. */
export function table(state: StackState | null): string {
  if (state === null) return 'Nothing is running. Start with: npm run up';
  const processes = state.processes.map((entry) => processReport(entry, state));
  const rows = [
    ['', 'state', 'pid', 'restarts', 'memory', 'own share'],
    ...processes.map((each) => [
      each.name,
      each.state,
      String(each.pid ?? '-'),
      String(each.restarts),
      megabytes(each.rssBytes),
      megabytes(each.pssBytes),
    ]),
    serviceRow('postgres', state.postgres?.ref, serviceState(state.postgres, state)),
    serviceRow('redis', state.redis?.ref, serviceState(state.redis, state)),
    serviceRow('supervisor', state.supervisor, isAlive(state.supervisor) ? 'running' : 'stopped'),
  ];
  const reasons = state.processes.flatMap((entry, index) => reasonOf(entry, processes[index]?.state));
  return [state.why ?? [], aligned(rows), '', ...reasons, `API: ${state.gateway?.url ?? '-'}`].flat().join('\n');
}

/** Why it is down; once it runs again, why and when that was. */
function reasonOf({ name, reason, endedAt }: ProcessEntry, state: ProcessState | undefined): string[] {
  if (reason === null) return [];
  if (state !== 'running') return [`${name} ${reason}`];
  return [`${name} last restart: ${reason} (${new Date(endedAt ?? '').toLocaleString('sv-SE')})`];
}

/** A private server that is down is being started again as long as there is a supervisor. */
function serviceState(entry: ServiceEntry | undefined, state: StackState): ProcessState | typeof GIVEN {
  if (entry?.given === true) return GIVEN;
  if (entry?.ref != null && isAlive(entry.ref)) return 'running';
  if (!isAlive(state.supervisor)) return 'stopped';
  return entry === undefined ? 'starting' : 'backoff';
}

function serviceRow(name: string, ref: ProcessRef | null | undefined, shown: string): string[] {
  const alive = shown === 'running' && ref != null;
  const memory = alive ? memoryOf(ref.pid) : null;
  return [
    name,
    shown,
    alive ? String(ref.pid) : '-',
    '',
    megabytes(memory?.rssBytes ?? null),
    megabytes(memory?.pssBytes ?? null),
  ];
}

function megabytes(bytes: number | null): string {
  return bytes === null ? '-' : `${Math.round(bytes / 1024 / 1024)} MB`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
