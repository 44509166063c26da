import { shippedEnvironment } from '@nexora/embedded';
import { loginNameOf } from '@nexora/testing/owners';
import type { Home } from '../home.ts';
import type { StackState } from '../state.ts';
import { licenseChoices } from './license-settings.ts';

/** Login of the business's own program. */
export const CLIENT = 'client';

/** Setting with the key that encrypts the issuers' private keys at rest. */
export const KEY = 'CFDI_KEY_ENCRYPTION_KEY';

/** What the processes of the house must find: where the services are, and what they are called. */
export interface House {
  readonly home: Home;
  readonly state: Pick<StackState, 'postgres' | 'redis' | 'storage' | 'sandbox'>;
}

/** Variables of npm and of Node's own start, which are nobody's setting. */
const NOT_PASSED_ON = /^(npm_|NODE_OPTIONS$|NODE_PATH$|NODE_COMPILE_CACHE$|INIT_CWD$|NX_|NEXORA_HOME$|NEXORA_TEST_)/;

/** What the caller's environment (and `.env`) sets for every app. Empty is unset: it hides nothing that we choose. */
export function passedOn(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== '');
  return Object.fromEntries(set.filter(([name]) => !NOT_PASSED_ON.test(name)));
}

/** Whether the caller names a PAC other than our sandbox. */
export function usesSandboxPac(environment: NodeJS.ProcessEnv): boolean {
  return (environment['PAC_PROVIDER'] || 'sandbox') === 'sandbox';
}

/** URL under which an app, or the business's own program (`client`), reaches the database. */
export function databaseUrlFor(name: string, { home, state }: House): string {
  if (state.postgres === undefined) throw new Error('the database is not there yet');
  const url = new URL(state.postgres.url);
  const login = state.postgres.logins[name];
  if (login === undefined) return url.href;
  url.username = login;
  url.password = home.passwordOf(name);
  return url.href;
}

/**
 * Environment of an app. What the caller set wins over what we would choose, except for what belongs to this process
 * alone: its login, its port, its name.
 */
export function environmentOf(app: string, port: number, house: House): NodeJS.ProcessEnv {
  const given = passedOn(process.env);
  return {
    ...shippedEnvironment,
    ...chosen(house, given),
    ...given,
    ...(usesSandboxPac(given) ? sandboxPac(house) : {}),
    DATABASE_URL: databaseUrlFor(loginNameOf(app), house),
    REDIS_URL: house.state.redis?.url,
    INSTANCE_NAME: app,
    INTERNAL_PORT: String(port),
  };
}

function chosen({ home, state }: House, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...(given['S3_ENDPOINT'] ? {} : { STORAGE_URL: state.storage?.url }),
    AGENTS_HEARTBEAT_URL: state.sandbox?.pac?.heartbeatUrl,
    ...licenseChoices({ home, state }, given),
    ...(given[`${KEY}_FILE`] ? {} : { [KEY]: home.csdKey }),
  };
}

function sandboxPac({ home, state }: House): NodeJS.ProcessEnv {
  return {
    PAC_PROVIDER: 'sandbox',
    PAC_URL: state.sandbox?.pac?.url,
    PAC_USER: 'sandbox',
    PAC_PASS: 'sandbox',
    CFDI_SAT_CERTIFICATES: home.file('sandbox-pac', 'ca', 'pac.cer'),
  };
}
