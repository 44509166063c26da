import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  removePostgres,
  startPostgres,
  startRedis,
  type Durability,
  type EmbeddedPostgres,
  type EmbeddedRedis,
} from '@nexora/embedded';

/** A server of its own for a test that kills, freezes or empties it. */
export interface Private<T> {
  readonly server: T;
  /** Stops it and removes its files. It also ends with this process, however that ends. */
  end(): Promise<void>;
}

/** A Postgres of its own, `durable` unless told otherwise: made in about half a second. */
export async function privatePostgres(durability: Durability = 'durable'): Promise<Private<EmbeddedPostgres>> {
  const folder = privateFolder();
  const server = await startPostgres({ dataDir: folder, durability });
  const end = async () => {
    await server.stop('immediate');
    removePostgres(folder);
  };
  return { server, end };
}

/** A Redis of its own. */
export async function privateRedis(): Promise<Private<EmbeddedRedis>> {
  const folder = privateFolder();
  const server = await startRedis({ dir: folder });
  const end = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { server, end };
}

/** A folder that a service under another account can pass through. */
function privateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nexora-private-'));
  chmodSync(folder, 0o711);
  return folder;
}
