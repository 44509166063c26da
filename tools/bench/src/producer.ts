/**
 * Producer process: `producer.ts <system> <first id> <seconds> <jobs a second, 0 = as many as go>`.
 * Eight connections; each transaction commits one business row and its job.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { FromProducer } from './messages.ts';
import { monotonicMicros } from './numbers.ts';
import { systemNamed } from './systems/index.ts';
import type { Producer, Services } from './systems/system.ts';

const CONNECTIONS = 8;
const commits: [number, number][] = [];

async function main(): Promise<void> {
  const [name = '', first = '1', seconds = '10', rate = '0'] = process.argv.slice(2);
  const services = JSON.parse(process.env['BENCH_SERVICES'] ?? '{}') as Services;
  const producer = await (await systemNamed(name)).produce(services);
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(services.databaseUrl)));
  const began = monotonicMicros();
  const until = began + Number(seconds) * 1e6;
  let next = Number(first);
  const one = (connection: Client): Promise<void> => handOver(connection, producer, next++);
  await Promise.all(
    connections.map((connection, lane) =>
      Number(rate) === 0
        ? flood(connection, one, until)
        : pace(connection, one, { lane, rate: Number(rate), began, until }),
    ),
  );
  const ended = monotonicMicros();
  await producer.close();
  await Promise.all(connections.map((connection) => connection.end()));
  // The channel keeps this process alive until the report was read and the reader lets go.
  tell({ say: 'produced', report: { commits, began, ended } });
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}

async function handOver(connection: Client, producer: Producer, id: number): Promise<void> {
  await connection.query('BEGIN');
  await connection.query({ name: 'business', text: 'INSERT INTO bench.effect (id) VALUES ($1)', values: [id] });
  await producer.enqueue(connection, id);
  commits.push([id, monotonicMicros()]);
  await connection.query('COMMIT');
  await producer.afterCommit?.(id);
}

async function flood(connection: Client, one: (connection: Client) => Promise<void>, until: number): Promise<void> {
  while (monotonicMicros() < until) await one(connection);
}

interface Pace {
  readonly lane: number;
  readonly rate: number;
  readonly began: number;
  readonly until: number;
}

/** Each connection takes every eighth tick of the common pace; a tick that is late goes out at once. */
async function pace(connection: Client, one: (connection: Client) => Promise<void>, plan: Pace): Promise<void> {
  const tick = 1e6 / plan.rate;
  for (let at = plan.began + plan.lane * tick; at < plan.until; at += CONNECTIONS * tick) {
    const wait = (at - monotonicMicros()) / 1000;
    if (wait > 0) await sleep(wait);
    await one(connection);
  }
}

function tell(message: FromProducer): void {
  process.send?.(message);
}

main().catch((error: unknown) => {
  tell({ say: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exit(1);
});
