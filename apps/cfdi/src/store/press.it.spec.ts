import { afterEach, expect, it } from '@jest/globals';
import { Press } from './press.ts';

const press = new Press();
afterEach(() => press.onModuleDestroy());

it('a document that is no CFDI fails its own drawing and leaves the press in order', async () => {
  const bad = press.draw(Buffer.from('<nada/>'), 'es');
  await expect(bad).rejects.toMatchObject({ message: expect.stringMatching(/\S/) });
  await expect(press.draw(Buffer.from('no xml'), 'es')).rejects.toMatchObject({ message: expect.stringMatching(/\S/) });
});

it('orders that wait when the thread is ended fail instead of waiting for ever', async () => {
  const waiting = press.draw(Buffer.from('<nada/>'), 'es');
  const refused = expect(waiting).rejects.toMatchObject({ message: expect.stringMatching(/\S/) });
  await press.onModuleDestroy();
  await refused;
});
