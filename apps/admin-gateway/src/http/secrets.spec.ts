import { expect, it } from '@jest/globals';
import { withoutSecrets } from './secrets.ts';

const csd = { certificate: 'MIIC', privateKey: 'MIIF', password: 'secreto-1234' };
const secret = ['privateKey', 'password'];

it('binds a key to secret fields without keeping them or a hash that can be tried quickly', async () => {
  const kept = await withoutSecrets(csd, secret, 'caller key');
  expect(kept).toEqual({ certificate: 'MIIC', secrets: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await withoutSecrets({ ...csd }, secret, 'caller key')).toEqual(kept);
});

it('tells bodies apart whose secrets differ, and the same body under another key', async () => {
  const kept = await withoutSecrets(csd, secret, 'caller key');
  const others = [
    await withoutSecrets({ ...csd, password: 'secreto-1235' }, secret, 'caller key'),
    await withoutSecrets({ ...csd, privateKey: 'MIIG' }, secret, 'caller key'),
    await withoutSecrets(csd, secret, 'caller other-key'),
  ];
  for (const other of others) expect(other).not.toEqual(kept);
});

it('leaves a body without secrets as it is', async () => {
  expect(await withoutSecrets({ a: 1 }, [], 'x')).toEqual({ a: 1 });
  expect(await withoutSecrets(undefined, secret, 'x')).toBeUndefined();
});
