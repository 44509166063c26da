import { parseArgs } from 'node:util';
import { Home } from './home.ts';
import { report, table, verdict } from './status-report.ts';
import { readState } from './state.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
const state = readState(Home.ofClone());
console.log(values.json === true ? JSON.stringify(report(state), null, 2) : table(state));
process.exitCode = verdict(state);
