import { parseArgs } from 'node:util';
import { Home } from './home.ts';
import { report, table, verdict } from './status-report.ts';
import { readStateOfThisBoot } from './state.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
const state = readStateOfThisBoot(Home.ofClone());
console.log(values.json === true ? JSON.stringify(report(state), null, 2) : table(state));
process.exitCode = verdict(state);
