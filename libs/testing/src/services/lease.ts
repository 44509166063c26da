import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tryLock } from '@nexora/embedded';
import { environmentFile, leaseAddress, root, testFolder } from './place.ts';

const START_WITHIN_MS = 180_000;

/** While it is held, the shared services stay up; it ends with `release` or with the process. */
export class Lease {
  readonly env: Readonly<Record<string, string>>;
  private readonly socket: Socket;

  constructor(socket: Socket, env: Readonly<Record<string, string>>) {
    this.socket = socket;
    this.env = env;
    socket.unref();
  }

  /** Environment of the S3 server, started by the first who asks: NEXORA_TEST_S3_…, or …_SKIPPED with the reason. */
  async s3(): Promise<Record<string, string>> {
    this.socket.ref();
    this.socket.write('s3\n');
    const answer = await nextLine(this.socket);
    this.socket.unref();
    if (answer === null) throw new Error('the test services ended while S3 was starting');
    return JSON.parse(answer) as Record<string, string>;
  }

  /** Lets go; with `stop`, ends the services unless another process uses them, and answers when they have ended. */
  async release({ stop }: { stop: boolean }): Promise<void> {
    if (stop) this.socket.write('stop\n');
    else this.socket.end();
    if (!stop) return;
    this.socket.ref();
    await nextLine(this.socket); // "in use", or the connection closes with the daemon
    this.socket.destroy();
  }
}

/** Takes a lease, starting the daemon when there is none. */
export async function takeLease(): Promise<Lease> {
  const deadline = performance.now() + START_WITHIN_MS;
  for (;;) {
    const lease = await joinDaemon();
    if (lease !== null) return lease;
    const starter = await tryLock(`start-test-services:${testFolder}`);
    if (starter !== null) spawnDaemon();
    // The daemon listens before it is ready, and its greeting comes when it is.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await starter?.release();
    if (performance.now() > deadline) throw new Error(`the test services did not start; see ${logFile()}`);
  }
}

async function joinDaemon(): Promise<Lease | null> {
  const socket = connect(leaseAddress).setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.write(`pid ${process.pid}\n`);
  const greeting = await nextLine(socket);
  if (greeting !== 'ready') return null;
  const record = JSON.parse(readFileSync(environmentFile, 'utf8')) as { env: Record<string, string> };
  return new Lease(socket, record.env);
}

function logFile(): string {
  return join(testFolder, 'services.log');
}

function spawnDaemon(): void {
  mkdirSync(testFolder, { recursive: true });
  const log = openSync(logFile(), 'a', 0o600);
  const script = fileURLToPath(new URL('./daemon.ts', import.meta.url));
  const flags = ['--conditions=@nexora/source', '--disable-warning=ExperimentalWarning'];
  const daemon = spawn(process.execPath, [...flags, script], {
    cwd: root,
    detached: true,
    stdio: ['ignore', log, log],
  });
  daemon.unref();
  closeSync(log);
}

/** The next line on the socket, or null when it closes first. */
function nextLine(socket: Socket): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    const onData = (piece: string) => {
      text += piece;
      if (text.includes('\n')) finish(text.slice(0, text.indexOf('\n')));
    };
    const onClose = () => finish(null);
    const finish = (line: string | null) => {
      socket.off('data', onData).off('close', onClose);
      resolve(line);
    };
    socket.on('data', onData).on('close', onClose);
  });
}
