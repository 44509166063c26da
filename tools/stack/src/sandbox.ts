import { parseArgs } from 'node:util';
import { SandboxClient } from '@nexora/sandbox-pac';
import { PortalClient } from '@nexora/sandbox-portal';
import { Home } from './home.ts';
import { moveHouseClock, parseOffset } from './house-clock.ts';
import { readState, type StackState } from './state.ts';

const USAGE = `sandbox -- internet cut|restore
sandbox -- pac <misbehaviour> [--times n]     delay:<ms> lag:<ms> drop-before drop-after 500 429 html cut
                                              empty-307 wrong-sello no-stamps clock:<seconds> code:<CODE> none
sandbox -- pac receiver:none|accept|reject|silence   how receivers answer a cancellation
sandbox -- pac sat:ok|not-found|down          what the tax authority's consultation service knows
sandbox -- pac stamps:<n>                     stamps that the account says it has left
sandbox -- pac log                            one JSON line per request that reached the PAC
sandbox -- pac cancellations                  one JSON line per request to cancel
sandbox -- portal <misbehaviour> [--times n]  how the licence portal answers: tools/sandbox-portal/README.md
sandbox -- portal log                         one JSON line per request that reached the portal
sandbox -- clock +73h|-2h|reset               moves the clock of the whole house and of the PAC`;

/** What was asked for does not exist; the usage is shown with it. */
class Misused extends Error {}

/** The sandboxes that this house runs; what the settings name instead is not ours to control. */
interface Sandboxes {
  readonly pac: SandboxClient | null;
  readonly portal: PortalClient | null;
}

async function command(words: readonly string[], times: string | undefined): Promise<void> {
  const [what = '', how = ''] = words;
  if (!['internet', 'pac', 'portal', 'clock'].includes(what) || how === '' || words.length > 2) throw new Misused();
  const state = readState(Home.ofClone());
  if (state?.sandbox === undefined) throw new Error('There is no sandbox; start the house with: npm run up');
  const sandboxes = sandboxesOf(state);
  const count = timesOf(times);
  if (what === 'internet' && (how === 'cut' || how === 'restore')) await turnInternet(how, sandboxes);
  else if (what === 'pac') await askPac(how, count, there(sandboxes.pac, 'PAC'));
  else if (what === 'portal') await askPortal(how, count, there(sandboxes.portal, 'licence portal'));
  else if (what === 'clock') await moveClock(how, sandboxes, state);
  else throw new Misused();
}

function sandboxesOf({ sandbox }: StackState): Sandboxes {
  const { pac, portal } = sandbox ?? {};
  return {
    pac: pac === undefined ? null : new SandboxClient(pac.controlUrl),
    portal: portal === undefined ? null : new PortalClient(portal.controlUrl),
  };
}

function there<T>(client: T | null, what: string): T {
  if (client === null) throw new Error(`This house has no sandbox ${what}: its settings name a real one.`);
  return client;
}

function timesOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (!/^[1-9]\d{0,5}$/.test(given)) throw new Misused(`--times must be a number from 1, not "${given}"`);
  return Number(given);
}

/** What is outside goes and comes back together; the heartbeat, which tells of the line, with the PAC. */
async function turnInternet(how: 'cut' | 'restore', { pac, portal }: Sandboxes): Promise<void> {
  await Promise.all([pac?.internet(how), portal?.internet(how)]);
}

async function askPac(how: string, times: number | undefined, pac: SandboxClient): Promise<void> {
  if (how === 'log') process.stdout.write(await pac.logLines());
  else if (how === 'cancellations') process.stdout.write(await pac.cancellationLines());
  else await pac.pac(how, times);
}

async function askPortal(how: string, times: number | undefined, portal: PortalClient): Promise<void> {
  if (how === 'log') process.stdout.write(await portal.logLines());
  else await portal.misbehave(how, times);
}

/**
 * The PAC and the ledger agree on the time, as if it had gone by. The PAC goes first: an agent that measures the difference
 * in between forgets it when its own clock follows. The licence portal keeps its own time: what it signs is what a moved
 * clock is found out by.
 */
async function moveClock(word: string, { pac }: Sandboxes, state: StackState): Promise<void> {
  const seconds = parseOffset(word);
  if (seconds === null) throw new Misused(`clock takes +73h, -2h, +30m, +90s, +1d or reset, not "${word}"`);
  await pac?.clock(seconds);
  await moveHouseClock(String(state.postgres?.url), seconds === 0 ? null : seconds);
}

try {
  const { values, positionals } = parseArgs({
    args: signedWords(),
    allowPositionals: true,
    options: { times: { type: 'string' } },
  });
  await command(positionals, values.times);
} catch (error) {
  // parseArgs throws a TypeError for an option that it does not know.
  const isMisused = error instanceof Misused || (error instanceof TypeError && 'code' in error);
  const message = error instanceof Error ? error.message : String(error);
  console.error([message, ...(isMisused ? [USAGE] : [])].filter((line) => line !== '').join('\n'));
  process.exitCode = isMisused ? 2 : 1;
}

/** `-2h` is an amount, not an option. */
function signedWords(): string[] {
  const words = process.argv.slice(2);
  return words[0] === 'clock' ? ['clock', '--', ...words.slice(1)] : words;
}
