import { afterEach, expect, it } from '@jest/globals';
import { Press } from './press.ts';

const press = new Press();
afterEach(() => press.onModuleDestroy());

it('a document that is no CFDI fails its own drawing and leaves the press in order', async () => {
  await expect(press.draw(Buffer.from('<nada/>'), 'es')).rejects.toThrow(/\S/);
  await expect(press.draw(Buffer.from('no xml'), 'es')).rejects.toThrow(/\S/);
});

it('orders that wait when the press is closed fail instead of waiting for ever', async () => {
  const refused = expect(press.draw(Buffer.from('<nada/>'), 'es')).rejects.toThrow('was ended');
  press.onModuleDestroy();
  await refused;
});
