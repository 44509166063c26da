import { makeDemoIssuer, makeTestCertificates } from './issuers.ts';

const makers = { 'make-demo-issuer': makeDemoIssuer, 'make-test-certificates': makeTestCertificates };

const [command, dir] = process.argv.slice(2);
const maker = Object.entries(makers).find(([name]) => name === command)?.[1];
if (maker === undefined || dir === undefined) {
  console.error(`Usage: node src/ca/cli.ts ${Object.keys(makers).join('|')} <sandbox directory>`);
  process.exit(2);
}
console.log(JSON.stringify(await maker(dir), null, 2));
