import { expect, it } from '@jest/globals';
import { refOf } from '@nexora/embedded';
import { Home } from './home.ts';
import { screen } from './screen.ts';
import type { StackState } from './state.ts';

const supervisor = refOf(process.pid);
if (supervisor === null) throw new Error('no /proc here');
const state: StackState = {
  supervisor,
  phase: 'running',
  keyGiven: false,
  processes: [],
  gateway: { url: 'http://127.0.0.1:8080' },
};
const url = 'http://127.0.0.1:1';

it('the first screen of a house shows what to try on the sandbox only where there is one', () => {
  const home = new Home('/house');
  const demonstration = screen(home, { ...state, sandbox: { pac: { url, heartbeatUrl: url, controlUrl: url } } });
  expect(demonstration).toContain('sandbox -- internet cut');
  const own = screen(home, { ...state, sandbox: { portal: { url, controlUrl: url, keys: '' } } });
  expect(own).not.toContain('sandbox -- internet');
  expect(own).toContain('cfdi -- issuer add');
});
