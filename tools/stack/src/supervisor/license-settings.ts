import { resolve } from 'node:path';
import { root, type Home } from '../home.ts';
import type { StackState } from '../state.ts';

/** Settings of the licence: `LICENSE_GRACE_DAYS`, or `LICENSE_PUBLIC_KEY_HEX_FILE`. */
const OURS = /^LICENSE_[A-Z0-9_]+$/;

/** Values that are paths; an app reads them from the root of the repository, whoever asks may stand elsewhere. */
const PATH = /^LICENSE_DIR$|_FILE$/;

/** Whether the settings leave the licence portal to us. */
export function usesSandboxPortal(environment: NodeJS.ProcessEnv): boolean {
  return !isGiven(environment, 'LICENSE_PORTAL_URL');
}

/** What there is to choose from. */
interface Choices {
  readonly home: Home;
  readonly state: Pick<StackState, 'sandbox'>;
}

/** What the house chooses for the licence wherever the caller says nothing, neither itself nor by a file. */
export function licenseChoices({ home, state }: Choices, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const portal = state.sandbox?.portal;
  const choices = {
    LICENSE_DIR: home.file('license'),
    ...(portal === undefined ? {} : { LICENSE_PORTAL_URL: portal.url, LICENSE_PUBLIC_KEY_HEX: portal.keys }),
  };
  return Object.fromEntries(Object.entries(choices).filter(([name]) => !isGiven(given, name)));
}

/** The settings of the licence in an environment, as whoever stands in another folder may use them. */
export function licenseSettingsIn(environment: NodeJS.ProcessEnv): Record<string, string> {
  const ours = Object.entries(environment).filter(([name, value]) => OURS.test(name) && isText(value));
  return Object.fromEntries(ours.map(([name, value = '']) => [name, PATH.test(name) ? resolve(root, value) : value]));
}

/** Settings of the licence that the first gives, and what the second adds where the first says nothing. */
export function licenseSettingsOver(
  first: Readonly<Record<string, string>>,
  second: Readonly<Record<string, string>>,
): Record<string, string> {
  const added = Object.entries(second).filter(([name]) => !isGiven(first, name.replace(/_FILE$/, '')));
  return { ...Object.fromEntries(added), ...first };
}

function isGiven(environment: NodeJS.ProcessEnv, name: string): boolean {
  return isText(environment[name]) || isText(environment[`${name}_FILE`]);
}

/** An empty setting is unset. */
function isText(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}
