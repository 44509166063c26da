import { createHash } from 'node:crypto';
import { createServer, connect, type Server, type Socket } from 'node:net';

/** Held until `release`, or until the process that holds it ends, however it ends. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * The lock of this name on this machine, or null when another process holds it. It is a socket in Linux's abstract
 * namespace: the kernel lets go of it with the process, so that no stale lock exists after a power cut or kill -9.
 */
export async function tryLock(name: string): Promise<Lock | null> {
  const waiting = new Set<Socket>();
  const server = createServer((visitor) => {
    waiting.add(visitor.unref());
    visitor.on('error', () => visitor.destroy()).on('close', () => waiting.delete(visitor));
    visitor.resume();
  });
  if (!(await listens(server, address(name)))) return null;
  server.unref();
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const visitor of waiting) visitor.destroy();
      }),
  };
}

/** Waits for the lock of this name; `onWait` is called once when another process holds it. */
export async function lock(name: string, onWait: () => void = () => undefined): Promise<Lock> {
  for (let told = false; ; told = true) {
    const held = await tryLock(name);
    if (held !== null) return held;
    if (!told) onWait();
    await holderLetsGo(name);
  }
}

/** Runs `work` while holding the lock of this name. */
export async function withLock<T>(name: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  const held = await lock(name, onWait);
  try {
    return await work();
  } finally {
    await held.release();
  }
}

function address(name: string): string {
  return `\0nexora-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}

function listens(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(path, () => resolve(true));
  });
}

/** Resolves when the connection to the holder breaks: released, ended or killed. */
function holderLetsGo(name: string): Promise<void> {
  return new Promise((resolve) => {
    const visit = connect(address(name));
    visit.on('error', () => visit.destroy());
    visit.on('close', () => resolve());
    visit.resume();
  });
}
