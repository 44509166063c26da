import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase, freshRedis, spawnNode, type FreshRedis, type MigratedDatabase } from '@nexora/testing';
import { execFile } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const app = join(import.meta.dirname, '..');
let database: MigratedDatabase;
let redis: FreshRedis;

beforeAll(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
});
afterAll(async () => {
  await redis.release();
  await database.drop();
});

const env = () => ({ DATABASE_URL: database.urlFor('admin-gateway'), REDIS_URL: redis.url, GATEWAY_PORT: '0' });

async function createToken(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const node = [
    ...['--disable-warning=ExperimentalWarning', '--conditions=@nexora/source'],
    join(app, 'src/cli.ts'),
    ...args,
  ];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, node, { env: { ...process.env, ...env() } });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe('the gateway as a process', () => {
  it('starts, takes a token made on the command line, and stops in order', async () => {
    const gateway = await spawnNode({ entry: join(app, 'src/main.ts'), env: env(), ready: /"process-started"/ });
    const url = (await gateway.line(/"api-listening".*"url":"([^"]+)"/))[1];
    const { stdout } = await createToken('create-token', '--role', 'viewer');
    expect(stdout).toMatch(/^nxa_[\w-]{43}\n$/);
    const headers = { authorization: `Bearer ${stdout.trim()}` };
    expect((await fetch(`${url}/api/comprobantes`, { headers })).status).toBe(200);
    expect((await fetch(`${url}/api/admin/agents/sync/pause`, { headers, method: 'POST' })).status).toBe(403);
    expect((await gateway.stop()).code).toBe(0);
  });
});

describe('a gateway whose port another program has', () => {
  it('refuses to start with 78 and says which port, and how to choose another', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = String((other.address() as AddressInfo).port);
    const gateway = await spawnNode({ entry: join(app, 'src/main.ts'), env: { ...env(), GATEWAY_PORT: port } });
    expect(await gateway.exited).toMatchObject({ code: 78 });
    expect(gateway.output).toMatch(new RegExp(`Port ${port} .*taken.* GATEWAY_PORT=`));
    await new Promise((resolve) => other.close(resolve));
  });
});

describe('create-token on the command line', () => {
  it.each([
    [[]],
    [['create-token']],
    [['create-token', '--role', 'owner']],
    [['create-token', '--rolle', 'viewer']],
    [['delete']],
  ])('says how it is used when called with %j and prints no token', async (args) => {
    const { code, stdout, stderr } = await createToken(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('usage: create-token --role viewer|operator|admin');
  });

  it('refuses days that make no sense', async () => {
    const { code, stdout, stderr } = await createToken('create-token', '--role', 'admin', '--days', 'many');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('days');
  });
});
