import { spawn } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWhen, until } from '@nexora/testing';
import pg from 'pg';
import { folderFor, serviceAccount } from './account.ts';
import { Child } from './child.ts';
import { FolderInUse } from './errors.ts';
import { removePostgres, startPostgres, type EmbeddedPostgres } from './postgres.ts';
import { isAlive, refOf } from './process-table.ts';
import { findPostgres } from './programs.ts';

const asRoot = process.getuid?.() === 0;
let folder: string;
let started: EmbeddedPostgres[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexora-embedded-'));
  chmodSync(folder, 0o711);
  started = [];
});

afterEach(async () => {
  for (const server of started) if (server.running) await server.stop('immediate');
  removePostgres(folder);
});

async function start(dataDir = folder): Promise<EmbeddedPostgres> {
  const server = await startPostgres({ dataDir, durability: 'fast' });
  started.push(server);
  return server;
}

async function query<T extends pg.QueryResultRow>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the query rejects with it
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('a private Postgres', () => {
  it('keeps what was committed over a stop and over kill -9, on the same port with the same password', async () => {
    const first = await start();
    await query(first.adminUrl, 'CREATE TABLE kept AS SELECT 1 AS stop');
    await first.stop();
    const second = await start();
    expect(second.adminUrl).toBe(first.adminUrl);
    await query(second.adminUrl, 'ALTER TABLE kept ADD COLUMN kill int DEFAULT 2');
    await second.kill();
    await second.restart();
    expect(await query(second.adminUrl, 'SELECT * FROM kept')).toEqual([{ stop: 1, kill: 2 }]);
  });

  it('is durable by default, speaks UTF-8, and has no socket besides its port', async () => {
    const server = await startPostgres({ dataDir: folder });
    started.push(server);
    const shown = 'fsync synchronous_commit full_page_writes server_encoding listen_addresses unix_socket_directories';
    const select = shown.split(' ').map((name) => `current_setting('${name}') AS ${name}`);
    expect(await query(server.adminUrl, `SELECT ${select.join(', ')}`)).toEqual([
      {
        fsync: 'on',
        synchronous_commit: 'on',
        full_page_writes: 'on',
        server_encoding: 'UTF8',
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
      },
    ]);
  });

  it('refuses a wrong password and keeps the right one from other accounts', async () => {
    const server = await start();
    const wrong = new URL(server.adminUrl);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    expect(statSync(join(folder, 'instance.json')).mode & 0o777).toBe(0o600);
  });

  it('starts after a power cut although another process has the number in postmaster.pid by now', async () => {
    const server = await start();
    const data = realpathSync(join(folder, 'postgres-data', 'cluster'));
    await server.kill();
    const pidFile = join(data, 'postmaster.pid');
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid)));
    await server.restart();
    expect(await query(server.adminUrl, 'SELECT 1 AS up')).toEqual([{ up: 1 }]);
  });

  it('is made anew when a power cut came while it was being made', async () => {
    mkdirSync(join(folder, 'postgres-data', 'cluster.new', 'base'), { recursive: true });
    const server = await start();
    expect(await query(server.adminUrl, 'SELECT 1 AS up')).toEqual([{ up: 1 }]);
  });

  it('is refused while another program runs it', async () => {
    await start();
    await expect(startPostgres({ dataDir: folder })).rejects.toThrow(FolderInUse);
  });

  it('stops an instance that an owner left running on its data, and carries on', async () => {
    const server = await start();
    const data = realpathSync(join(folder, 'postgres-data', 'cluster'));
    await query(server.adminUrl, 'CREATE TABLE left_by AS SELECT 1 AS owner');
    await server.stop();
    const account = serviceAccount(['postgres']);
    const { bin } = await findPostgres();
    const orphan = spawn(join(bin, 'postgres'), ['-D', data], {
      cwd: data,
      stdio: 'ignore',
      ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
    });
    await until(() => readFileSync(join(data, 'postmaster.pid'), 'utf8').includes('ready'), { what: 'the orphan' });
    const ended = new Promise((resolve) => orphan.once('exit', resolve));
    const next = await start();
    expect(await ended).toBe(0);
    expect(await query(next.adminUrl, 'SELECT * FROM left_by')).toEqual([{ owner: 1 }]);
  });

  it('ends with an owner that is killed by -9', async () => {
    const script = fileURLToPath(new URL('./fixtures/owner.ts', import.meta.url));
    const args = ['--conditions=@nexora/source', script, 'postgres', folder];
    const owner = await Child.start({ command: process.execPath, args });
    const line = await until(() => /^\[(\d+)\]/m.exec(owner.output.tail()), { what: 'the instance to run' });
    const postmaster = refOf(Number(line[1]));
    process.kill(owner.pid, 'SIGKILL');
    await until(() => postmaster !== null && !isAlive(postmaster), { what: 'the instance to end' });
  });

  it('freezes and goes on where it was', async () => {
    const server = await start();
    server.pause();
    const answer = query(server.adminUrl, 'SELECT 1 AS up');
    await until(() => readFileSync(`/proc/${server.pid}/stat`, 'utf8').includes(') T '), { what: 'the halt' });
    server.resume();
    expect(await answer).toEqual([{ up: 1 }]);
  });
});

describeWhen({ met: asRoot, otherwise: 'only root lends services another account' })(
  'a private Postgres of root',
  () => {
    it('runs as an unprivileged account from a folder that this account cannot reach, by a link', async () => {
      chmodSync(folder, 0o700);
      const account = serviceAccount(['postgres']);
      const spare = mkdtempSync(join(tmpdir(), 'nexora-spare-'));
      folderFor(account, folder, 'postgres-data', spare);
      const server = await start();
      expect(lstatSync(join(folder, 'postgres-data')).isSymbolicLink()).toBe(true);
      expect(statSync(`/proc/${server.pid}`).uid).toBe(account?.uid);
      expect(statSync(realpathSync(join(folder, 'postgres-data'))).mode & 0o077).toBe(0);
      await server.stop();
      removePostgres(folder);
      expect(readdirSync(spare)).toEqual([]);
      rmdirSync(spare);
    });
  },
);
