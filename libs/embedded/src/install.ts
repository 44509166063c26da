import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath } from './child.ts';
import { MissingProgram } from './errors.ts';
import { withLock } from './lock.ts';

/** Takes one line of progress for a person. */
export type Say = (line: string) => void;

/** What can be installed. */
export type Installable = 'postgres' | 'redis';

const sayOnStderr: Say = (line) => void process.stderr.write(`${line}\n`);

/**
 * Installs a server's programs by the system's package manager, without starting, enabling or creating any service or
 * cluster of the system. Needs root; else throws MissingProgram with `hint`.
 */
export async function installPackages(what: Installable, hint: string, say: Say = sayOnStderr): Promise<void> {
  const manager = [apt, dnf, apk].find((each) => findOnPath(each.program) !== null);
  if (manager === undefined)
    throw new MissingProgram(`No ${what} on this machine, and no package manager that we know. ${hint}`);
  if (process.getuid?.() !== 0)
    throw new MissingProgram(`No ${what} on this machine, and only root may install it. ${hint}`);
  await withLock(
    'packages',
    () => manager.install(what, say),
    () => say('Waiting for another installation to end.'),
  );
}

interface Manager {
  readonly program: string;
  install(what: Installable, say: Say): Promise<void>;
}

const dnf: Manager = {
  program: 'dnf',
  install: (what, say) => run(say, 'dnf', ['install', '-y', what === 'postgres' ? 'postgresql-server' : 'redis']),
};

const apk: Manager = {
  program: 'apk',
  install: (what, say) => run(say, 'apk', ['add', what === 'postgres' ? 'postgresql' : 'redis']),
};

const apt: Manager = {
  program: 'apt-get',
  async install(what, say) {
    await refreshAptLists(say);
    const undo = forbidServiceStarts();
    try {
      if (what === 'postgres') await installPostgresByApt(say);
      else await aptInstall(say, 'redis-server').then(() => leaveRedisDisabled(say));
    } finally {
      undo();
    }
  },
};

const LISTS = '/var/lib/apt/lists';
const LISTS_FRESH_HOURS = 24;

async function refreshAptLists(say: Say): Promise<void> {
  const times = existsSync(LISTS)
    ? readdirSync(LISTS)
        .filter((name) => name.includes('Packages'))
        .map((name) => statSync(join(LISTS, name)).mtimeMs)
    : [];
  const ageHours = (Date.now() - Math.max(0, ...times)) / 3_600_000;
  // The files carry the time of the repository's publication, so this asks more often than it must, never too rarely.
  if (ageHours < LISTS_FRESH_HOURS) return;
  await run(say, 'apt-get', ['update', '-qq']).catch((error: unknown) =>
    say(
      `apt-get update failed, the lists of last time are used: ${error instanceof Error ? error.message : String(error)}`,
    ),
  );
}

async function aptInstall(say: Say, ...packages: string[]): Promise<void> {
  const settings = ['Dpkg::Options::=--force-confold', 'Dpkg::Options::=--force-confdef', 'DPkg::Lock::Timeout=300'];
  const options = settings.flatMap((each) => ['-o', each]);
  await run(say, 'apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...options, ...packages], {
    DEBIAN_FRONTEND: 'noninteractive',
    NEEDRESTART_SUSPEND: '1',
  });
}

const CREATE_CLUSTER = '/etc/postgresql-common/createcluster.conf';

/** Debian's packages make and start a cluster of the system unless this file says no before the server arrives. */
async function installPostgresByApt(say: Say): Promise<void> {
  await aptInstall(say, 'postgresql-common');
  const before = readFileSync(CREATE_CLUSTER, 'utf8');
  writeFileSync(CREATE_CLUSTER, `${before}\ncreate_main_cluster = false\n`);
  try {
    await aptInstall(say, 'postgresql');
  } finally {
    writeFileSync(CREATE_CLUSTER, before);
  }
}

const POLICY = '/usr/sbin/policy-rc.d';
const MARK = '# Written by Nexora Agents while it installs packages; may be removed.';

/** Debian's maintainer scripts ask this program before they start a service. Answers how to put it back. */
function forbidServiceStarts(): () => void {
  const before = existsSync(POLICY) ? readFileSync(POLICY, 'utf8') : null;
  const mode = before === null ? 0o755 : statSync(POLICY).mode & 0o777;
  writeFileSync(POLICY, `#!/bin/sh\n${MARK}\nexit 101\n`, { mode: 0o755 });
  return () => {
    // One that we left behind when we were killed during an install is not the system's own.
    if (before === null || before.includes(MARK)) rmSync(POLICY, { force: true });
    else writeFileSync(POLICY, before, { mode });
  };
}

/**
 * Debian enables the service of Redis with its package: it would start with the machine, beside the private instance.
 * That of Postgres may stay, since it starts clusters and there is none.
 */
async function leaveRedisDisabled(say: Say): Promise<void> {
  const [program, ...args] = findOnPath('systemctl') === null ? UPDATE_RC : SYSTEMCTL;
  await run(() => undefined, program, args).then(
    () => say('Installed without a service of the system: redis-server stays disabled.'),
    (error: unknown) => say(`The service redis-server may start with the machine: ${String(error)}`),
  );
}

const SYSTEMCTL = ['systemctl', '--no-reload', 'disable', 'redis-server.service'] as const;
const UPDATE_RC = ['update-rc.d', 'redis-server', 'disable'] as const;

function run(say: Say, program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  say(`${program} ${args.filter((arg) => !arg.includes('::') && arg !== '-o').join(' ')}`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => (output = (output + piece).slice(-4_000)));
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(new MissingProgram(`${program} ${args.at(-1) ?? ''} failed (exit ${String(code)}):\n${output.trim()}`));
    });
  });
}
