import { relative } from 'node:path';
import type { Home } from './home.ts';
import type { StackState } from './state.ts';

const DEMONSTRATION = [
  'Try:',
  '  npm run --silent sandbox -- internet cut       then hand a comprobante over: it waits',
  '  npm run --silent sandbox -- internet restore   and it is stamped',
  '  npm run --silent sandbox -- pac drop-after     the PAC stamps and the answer is lost: still one UUID',
  '  npm run demo                                   all of that, counted, in a house of its own',
];

const OWN_BUSINESS = [
  'Add an issuer and its CSD before it stamps:',
  '  npm run --silent cfdi -- issuer add --rfc … --nombre … --regimen …',
  '  npm run --silent cfdi -- csd add --rfc … --cer … --key … --password-file …',
];

/** What a person sees when the house is up: less than one screen. */
export function screen(home: Home, state: StackState): string {
  const at = (...names: string[]) => relative(process.cwd(), home.file(...names)) || home.file(...names);
  return [
    '',
    `Nexora is up: ${state.processes.map((each) => each.name).join(', ')}`,
    '',
    `  API               ${state.gateway?.url ?? '-'}/api/docs`,
    '  a token           npm run --silent admin -- create-token --role operator',
    '  how it goes       npm run status        npm run logs -- cfdi',
    '  the licence       npm run --silent license -- show',
    `  the shop's data   ${at('client-database-url')} (SQL: SELECT agents.submit_comprobante(…))`,
    '',
    ...(state.sandbox?.pac === undefined ? OWN_BUSINESS : DEMONSTRATION),
    '',
  ].join('\n');
}
