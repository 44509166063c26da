import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '@nexora/embedded';
import { TestHouse } from './fixtures/commands.ts';

const START_MS = 180_000;
let house: TestHouse;

afterEach(() => house.end(), 60_000);

describe('up that cannot start', () => {
  it(
    'says in one sentence that the given Postgres is away',
    async () => {
      const port = await freePort();
      house = new TestHouse({ DATABASE_URL: `postgresql://shop:hunter2@127.0.0.1:${port}/business` });
      const { code, output } = await house.run('up', '--detach');
      expect(code).toBe(1);
      expect(output).toMatch(/^up: The Postgres that DATABASE_URL names .* ECONNREFUSED\. Start it/m);
      expect(output).not.toMatch(/^\s+at |hunter2/m);
    },
    START_MS,
  );

  it(
    'says which port another program has, without trying again',
    async () => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const port = String((other.address() as AddressInfo).port);
      house = new TestHouse({ GATEWAY_PORT: port });
      const { code, output } = await house.run('up', '--detach');
      expect(code).toBe(1);
      expect(output).toMatch(
        new RegExp(`^up: admin-gateway refuses to start .*Port ${port} .*is taken.*GATEWAY_PORT=`, 'm'),
      );
      expect(output).not.toContain('started again');
      await new Promise((resolve) => other.close(resolve));
    },
    START_MS,
  );
});
