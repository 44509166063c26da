import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { spawnNode, until, type NodeProcess } from '@nexora/testing';

const entry = fileURLToPath(new URL('./fixtures/app.ts', import.meta.url));

const house = {
  DATABASE_URL: 'postgresql://u:p@127.0.0.1/d',
  REDIS_URL: 'redis://127.0.0.1',
  INSTANCE_NAME: 'sample-1',
};

type Line = Record<string, unknown> & { event: string };

const started: NodeProcess[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((child) => child.kill9()));
});

async function start(env: Record<string, string>, ready?: RegExp): Promise<NodeProcess> {
  const child = await spawnNode({
    entry,
    env: { ...house, ...env },
    ...(ready === undefined ? {} : { ready }),
  });
  started.push(child);
  return child;
}

const running = (scene: string, env = {}) => start({ SCENE: scene, ...env }, /"process-started"/);
const lines = (child: NodeProcess): Line[] =>
  child.output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
const said = (child: NodeProcess, event: string): Line | undefined => lines(child).find((line) => line.event === event);
const urlOf = (child: NodeProcess): string => String(said(child, 'process-started')?.['url']);

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('a process', () => {
  it('tells where it serves health and metrics, and answers there', async () => {
    const child = await running('fine');
    expect(said(child, 'process-started')).toMatchObject({ agent: 'sample', instance: 'sample-1', version: '1.2.3' });
    const ready = await fetch(`${urlOf(child)}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([200, expect.objectContaining({ status: 'ok' })]);
    const metrics = await (await fetch(`${urlOf(child)}/metrics`)).text();
    expect(metrics).toContain('nexora_process_info{version="1.2.3",agent="sample"} 1');
    expect(metrics).toContain('nodejs_eventloop_lag_seconds');
  });

  it('goes on when nobody reads what it writes', async () => {
    const port = await freePort();
    const child = spawn(process.execPath, ['--conditions=@nexora/source', entry], {
      env: { PATH: process.env['PATH'], ...house, SCENE: 'chatty', INTERNAL_PORT: String(port) },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const url = `http://127.0.0.1:${port}`;
    const lost = async (): Promise<number> => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(/nexora_log_lines_lost_total\{[^}]*\} (\d+)/.exec(text)?.[1]);
    };
    try {
      await until(() => answers(`${url}/health/live`), { within: 20_000, what: 'the process to be alive' });
      await until(async () => (await lost()) > 0, { within: 60_000, what: 'lines to be lost for want of a reader' });
    } finally {
      child.kill('SIGKILL');
    }
  }, 90_000);

  it.each(['SIGTERM', 'SIGINT'] as const)('ends in order with 0 after %s', async (signal) => {
    const child = await running('fine');
    process.kill(child.pid, signal);
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(lines(child).slice(-2)).toMatchObject([
      { event: 'process-stopping', reason: signal },
      { event: 'process-stopped' },
    ]);
  });

  it('ends in order when it asks for it itself', async () => {
    const child = await running('stops-itself');
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(said(child, 'process-stopped')).toMatchObject({ reason: 'done' });
  });

  it('says that it is shutting down while it stops, and stays alive for its supervisor', async () => {
    const child = await running('hangs');
    process.kill(child.pid, 'SIGTERM');
    await child.line(/process-stopping/);
    const ready = await fetch(`${urlOf(child)}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, expect.objectContaining({ status: 'shutting_down' })]);
    expect((await fetch(`${urlOf(child)}/health/live`)).status).toBe(200);
  });

  it('ends at once at a second signal, but takes an echo of the first for the same wish', async () => {
    const child = await running('hangs');
    process.kill(child.pid, 'SIGINT');
    process.kill(child.pid, 'SIGTERM');
    await child.line(/process-stopping/);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(said(child, 'process-stop-forced')).toBeUndefined();
    process.kill(child.pid, 'SIGTERM');
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(said(child, 'process-stop-forced')).toMatchObject({ reason: 'second SIGTERM' });
  });

  it('does not wait for ever for what does not close', async () => {
    const child = await running('hangs', { SHUTDOWN_GRACE_SECONDS: '0' });
    process.kill(child.pid, 'SIGTERM');
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(said(child, 'process-stop-forced')).toMatchObject({ reason: 'deadline' });
  }, 15_000);

  it('tells what did not close in order and ends all the same', async () => {
    const child = await running('closes-badly');
    process.kill(child.pid, 'SIGTERM');
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(said(child, 'process-stop-failed')).toBeDefined();
  });

  it('can be stopped while it still starts', async () => {
    const port = await freePort();
    const child = await start({ SCENE: 'slow-start', INTERNAL_PORT: String(port), SHUTDOWN_GRACE_SECONDS: '0' });
    await until(() => answers(`http://127.0.0.1:${port}/health/live`), { what: 'the process to be alive' });
    expect(await answers(`http://127.0.0.1:${port}/health/ready`)).toBe(false);
    process.kill(child.pid, 'SIGTERM');
    expect(await child.exited).toMatchObject({ code: 0 });
  }, 30_000);
});

describe('a process that cannot go on', () => {
  it('exits with 78 and all mistakes when its settings are wrong, without their values', async () => {
    const child = await start({ SECRET_WORD: 'hunter2-hunter2', INTERNAL_PORT: '99999' });
    expect(await child.exited).toMatchObject({ code: 78 });
    expect(said(child, 'settings-refused')?.['faults']).toHaveLength(2);
    expect(child.output).toContain('- INTERNAL_PORT must be at most 65535');
    expect(child.output).not.toContain('hunter2');
  });

  it('exits with 78 when the start is refused, and says the sentence', async () => {
    const child = await start({ SCENE: 'refused' });
    expect(await child.exited).toMatchObject({ code: 78 });
    expect(said(child, 'start-refused')).toBeDefined();
    expect(child.output).toContain('run the migrations');
    expect(child.output).not.toContain('ana@example.mx');
  });

  it('exits with 1 when the start fails, and tells the cause without the datum in it', async () => {
    const child = await start({ SCENE: 'fails' });
    expect(await child.exited).toMatchObject({ code: 1 });
    expect(said(child, 'process-crashed')).toMatchObject({
      origin: 'start',
      error: { message: 'no way', cause: { message: 'for [redacted]' } },
    });
  });

  it.each([
    ['rejects', 'unhandledRejection'],
    ['throws', 'uncaughtException'],
  ])('exits with 1 when something %s and nobody catches it', async (scene, origin) => {
    const child = await running(scene);
    expect(await child.exited).toMatchObject({ code: 1 });
    expect(said(child, 'process-crashed')).toMatchObject({ origin });
    expect(child.output).not.toContain('EKU9003173C9');
  });

  it('exits with 1 when its port is taken', async () => {
    const first = await running('fine');
    const second = await start({ INTERNAL_PORT: new URL(urlOf(first)).port });
    expect(await second.exited).toMatchObject({ code: 1 });
    expect(said(second, 'process-crashed')).toMatchObject({ error: { code: 'EADDRINUSE' } });
  });
});
