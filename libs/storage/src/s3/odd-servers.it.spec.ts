import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { itWhen } from '@nexora/testing';
import { ObjectDamaged, StorageAway, StorageRefused } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { openWith } from '../conformance/s3-server.conformance.ts';

/** What the real server cannot be made to answer. */
type Answers = (request: IncomingMessage, response: ServerResponse) => void;

const bin = { contentType: 'application/octet-stream' };
const large = Buffer.alloc(9 * 1024 * 1024, 1);
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function odd(answers: Answers, settings: Record<string, string> = {}) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      asked.push(`${request.method} ${request.url}`);
      answers(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const S3_ENDPOINT = `http://127.0.0.1:${port}`;
  const keys = { S3_BUCKET: 'objects', S3_ACCESS_KEY: 'AKIAEXAMPLE', S3_SECRET_KEY: 'secret-of-the-shop' };
  const store = await openWith({ S3_ENDPOINT, ...keys, ...settings });
  ends.push(async () => {
    await store.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { store, asked };
}

const error = (code: string, extra = '') =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>AKIAEXAMPLE did it</Message>${extra}</Error>`;
const refusing =
  (status: number, body: string, headers: Record<string, string> = {}): Answers =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

const listing = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';
const list = (store: ObjectStore) => store.list('');

describe('an answer of an S3 server', () => {
  it.each([
    [503, error('SlowDown'), StorageAway, /cannot do it now/],
    [500, '', StorageAway, /HTTP 500/],
    [429, 'busy', StorageAway, /HTTP 429/],
    [507, error('XMinioStorageFull'), StorageAway, /full.*Free some space/],
    [403, error('RequestTimeTooSkewed'), StorageAway, /clocks.*Set the clock/],
    [403, error('AccessDenied'), StorageRefused, /does not allow it.*AccessDenied/],
    [403, '', StorageRefused, /Check the keys/],
    [400, error('SomethingNew'), StorageRefused, /SomethingNew/],
    [302, '<html>login</html>', StorageAway, /no S3 server.*login page/],
    [200, '<html>Welcome to the hotel</html>', StorageAway, /no S3 server/],
    [200, 'x', StorageAway, /no S3 server/],
  ])('with status %i and body %s is told in our words, after one request', async (status, body, kind, sentence) => {
    const { store, asked } = await odd(refusing(status, body));
    const failure = await list(store).catch((thrown: unknown) => thrown as Error);
    expect(failure).toBeInstanceOf(kind);
    expect(failure).toHaveProperty('message', expect.stringMatching(sentence));
    expect(String(failure)).not.toMatch(/AKIAEXAMPLE|secret/);
    expect(asked).toHaveLength(1);
  });

  it('that never ends is not read to its end', async () => {
    const { store } = await odd((_, response) => {
      response.writeHead(403);
      const more = () => response.write('x'.repeat(10_000), () => !response.destroyed && setImmediate(more));
      more();
    });
    await expect(list(store)).rejects.toThrow(StorageRefused);
  });

  it('without an etag is none of an S3 server, for every call', async () => {
    const { store } = await odd(refusing(200, 'ok'));
    for (const call of [
      () => store.put('a', Buffer.from('x'), bin),
      () => store.get('a'),
      () => store.head('a'),
      () => store.list(''),
      () => store.probe(),
    ])
      await expect(call()).rejects.toThrow(/no S3 server/);
  });
});

describe('a region that the settings do not name', () => {
  const elsewhere: Answers = (request, response) => {
    const right = request.headers.authorization?.includes('/mx-central-1/s3/') === true;
    if (right) response.writeHead(200).end(listing);
    else response.writeHead(400).end(error('AuthorizationHeaderMalformed', '<Region>mx-central-1</Region>'));
  };

  it('is learned from the server, once', async () => {
    const { store, asked } = await odd(elsewhere);
    await list(store);
    await list(store);
    expect(asked).toHaveLength(3);
  });

  it('is learned from a redirection too', async () => {
    const { store } = await odd((request, response) => {
      const right = request.headers.authorization?.includes('/eu-south-2/s3/') === true;
      if (right) response.writeHead(200).end(listing);
      else response.writeHead(301, { 'x-amz-bucket-region': 'eu-south-2' }).end();
    });
    await expect(list(store)).resolves.toEqual({ objects: [], cursor: null });
  });

  it('and one that is wrong asks for a person', async () => {
    const { store } = await odd(elsewhere, { S3_REGION: 'us-west-2' });
    await expect(list(store)).rejects.toThrow(/Set S3_REGION=mx-central-1/);
  });
});

describe('a connection', () => {
  it('that the server closed while it was idle costs no error', async () => {
    const seen = new Set<unknown>();
    const { store, asked } = await odd((request, response) => {
      if (seen.has(request.socket)) return void request.socket.resetAndDestroy();
      seen.add(request.socket);
      response.writeHead(200).end(listing);
    });
    for (let call = 0; call < 4; call += 1) await list(store);
    expect(seen.size).toBe(4);
    expect(asked).toHaveLength(7);
  });

  it('that breaks before the announced end is no short object', async () => {
    const { store } = await odd((_, response) => {
      response.writeHead(200, { etag: '"e"', 'content-length': '1000' }).write('x'.repeat(500));
      setImmediate(() => response.destroy());
    });
    await expect(store.get('a')).rejects.toThrow(StorageAway);
  });
});

describe('a listing of an S3 server', () => {
  it('goes on after what is no object of ours: the folder that a console made', async () => {
    const page = (inside: string, more: boolean) =>
      `<ListBucketResult><IsTruncated>${more}</IsTruncated>${inside}</ListBucketResult>`;
    const entry = (key: string) =>
      `<Contents><Key>${key}</Key><Size>0</Size><LastModified>2026-11-21T11:32:32.000Z</LastModified></Contents>`;
    const { store, asked } = await odd((request, response) => {
      const next = request.url?.includes('start-after=a%2Ffolder%2F') === true;
      response.writeHead(200).end(next ? page(entry('b'), false) : page(entry('a/folder/'), true));
    });
    const first = await store.list('', null, 1);
    expect(first.objects).toEqual([]);
    expect((await store.list('', first.cursor, 1)).objects.map(({ key }) => key)).toEqual(['b']);
    expect(asked).toHaveLength(2);
  });
});

describe('an object on an S3 server', () => {
  it('whose bytes stay other than its checksum says is damaged', async () => {
    const { store, asked } = await odd((_, response) => {
      response
        .writeHead(200, { etag: '"e"', 'x-amz-meta-nexora-sha256': 'a'.repeat(64), 'content-length': '3' })
        .end('xyz');
    });
    await expect(store.get('a')).rejects.toThrow(ObjectDamaged);
    expect(asked.length).toBeGreaterThan(1);
  });

  it('whose checksum comes an instant after its bytes is whole', async () => {
    let late = 2;
    const { store } = await odd((_, response) => {
      const sha256 =
        (late -= 1) > 0 ? 'a'.repeat(64) : 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
      response.writeHead(200, { etag: '"e"', 'x-amz-meta-nexora-sha256': sha256, 'content-length': '3' }).end('abc');
    });
    expect((await store.get('a')).body.toString()).toBe('abc');
  });
});

describe('a body that is read slowly', () => {
  const all = { met: process.env['NEXORA_FAULTS'] === 'all', otherwise: 'takes 20 s; runs with NEXORA_FAULTS=all' };

  itWhen(all)(
    'is not taken for a silent line',
    async () => {
      const body = Buffer.alloc(30_000_000, 1);
      const { store } = await odd((_, response) => {
        response.writeHead(200, { etag: '"e"', 'content-length': `${body.length}` }).end(body);
      });
      const { body: stream } = await store.stream('a');
      let size = 0;
      for await (const piece of stream) {
        if (size === 0) await delay(20_000);
        size += (piece as Buffer).length;
      }
      expect(size).toBe(body.length);
    },
    60_000,
  );
});

describe('an upload in parts that the server refuses', () => {
  const upTo =
    (last: Answers): Answers =>
    (request, response) => {
      const { method, url = '' } = request;
      if (method === 'HEAD') response.writeHead(404).end();
      else if (method === 'GET') response.writeHead(200).end(listing);
      else if (url.endsWith('?uploads')) response.end('<X><UploadId>u-1</UploadId></X>');
      else if (method === 'PUT') response.writeHead(200, { etag: '"p"' }).end();
      else if (method === 'POST') last(request, response);
      else response.writeHead(204).end();
    };

  it('inside an answer with status 200 was refused, and is given up', async () => {
    const { store, asked } = await odd(upTo(refusing(200, error('InternalError'))));
    await expect(store.put('a', large, bin)).rejects.toThrow(StorageAway);
    expect(asked.at(-1)).toMatch(/^DELETE .*uploadId=u-1/);
  });

  it('because somebody else writes is asked about again, not for ever', async () => {
    const { store, asked } = await odd(upTo(refusing(409, error('ConditionalRequestConflict'))));
    await expect(store.put('a', large, { ...bin, ifAbsent: true })).rejects.toThrow(/others write/);
    expect(asked.filter((line) => line.startsWith('HEAD'))).toHaveLength(5);
  });

  it('because a part is refused for good is not sent again', async () => {
    const parts = upTo(refusing(500, ''));
    const { store, asked } = await odd((request, response) => {
      if (request.method === 'PUT') response.writeHead(403).end(error('AccessDenied'));
      else parts(request, response);
    });
    await expect(store.put('a', large, bin)).rejects.toThrow(StorageRefused);
    expect(asked.filter((line) => line.startsWith('PUT'))).toHaveLength(1);
  });
});
