/**
 * Every command of the repository and the file that runs it.
 *
 * entry: file that Node 24 runs; nodeArgs: flags of Node itself; args: put before the caller's own;
 * alsoInstall: folders with a lock file of their own; takes: what stands behind the name in its usage line;
 * options and words: what it accepts, as `parseArgs` of node:util reads it. Without options it judges its words itself;
 * with ownHelp it also answers --help itself.
 */
export const commands = {
  up: {
    entry: 'tools/stack/src/up.ts',
    takes: '[-- --detach]',
    options: { detach: { type: 'boolean', short: 'd' } },
  },
  down: { entry: 'tools/stack/src/down.ts', options: {} },
  status: { entry: 'tools/stack/src/status.ts', takes: '[-- --json]', options: { json: { type: 'boolean' } } },
  logs: {
    entry: 'tools/stack/src/logs.ts',
    takes: '-- <name> [-f] [-n <lines>]     a process, postgres, redis, or up for the supervisor',
    options: { follow: { type: 'boolean', short: 'f' }, lines: { type: 'string', short: 'n' } },
    words: true,
  },
  demo: { entry: 'tools/stack/src/demo.ts', options: {} },
  admin: {
    entry: 'tools/stack/src/admin.ts',
    takes: '-- create-token --role viewer|operator|admin [--name <what for>] [--days <until it expires>]',
  },
  sandbox: {
    entry: 'tools/stack/src/sandbox.ts',
    takes:
      '-- internet cut|restore, pac|portal <misbehaviour>, pac|portal log, clock <offset>     alone it explains each',
  },
  cfdi: {
    entry: 'tools/stack/src/cfdi.ts',
    takes: '-- cadena|seal|verify|letra|pdf|stamp|pack|issuer …|csd …     alone it explains each',
    ownHelp: true,
  },
  license: {
    entry: 'tools/stack/src/license.ts',
    takes: '-- show|request|install <file>|fingerprint|rebind     alone it explains each',
    ownHelp: true,
  },
  'license-portal': {
    entry: 'tools/stack/src/license-portal.ts',
    takes: '-- issue|renew|revoke|suspend|reinstate|rotate|crl|keys|answer|list     alone it explains each',
  },
  'sat-resources': {
    entry: 'tools/stack/src/sat-resources.ts',
    takes: '-- pull|verify     the schemas of the tax authority; --help explains',
    ownHelp: true,
  },
  'bench:ledger': {
    entry: 'tools/bench/src/ledger.ts',
    alsoInstall: ['tools/bench'],
    takes: '[-- [--json <file>] [--quick] [--system <part of a name>]… [--workload <part>]…]',
  },
  'bench:cfdi': {
    entry: 'tools/bench/src/cfdi.ts',
    alsoInstall: ['tools/bench'],
    takes: '[-- [--json <file>] [--quick] [--system <part of a name>]… [--workload <part>]…]',
  },
  'bench:drain': {
    entry: 'tools/bench/src/drain.ts',
    alsoInstall: ['tools/bench'],
    takes: '[-- [--json <file>] [--quick] [--workload <part>]…]',
  },
  'new:agent': {
    entry: 'tools/generators/src/new-agent.ts',
    takes: '-- <name>     for instance citas: an agent that works, to make yours',
    options: {},
    words: true,
  },
  test: {
    entry: 'tools/gates/src/test.ts',
    takes: '[-- --only <path>]',
    options: { only: { type: 'string' }, faults: { type: 'boolean' } },
  },
  'test:faults': { entry: 'tools/gates/src/test.ts', args: ['--faults'], options: {} },
  check: { entry: 'tools/gates/src/check.ts', alsoInstall: ['tools/bench'], options: {} },
  pages: { entry: 'tools/pages/src/main.ts', options: {} },
  build: { entry: 'node_modules/.bin/nx', args: ['run-many', '-t', 'build'], takes: '[-- <more for nx run-many>]' },
  lint: { entry: 'tools/gates/src/lint.ts', takes: '[-- <path>…]', options: {}, words: true },
  typecheck: { entry: 'node_modules/.bin/tsc', args: ['--noEmit', '--pretty'], takes: '[-- <more for tsc>]' },
  format: { entry: 'node_modules/.bin/prettier', args: ['--write', '.'], takes: '[-- <more for prettier>]' },
  'format:check': { entry: 'node_modules/.bin/prettier', args: ['--check', '.'], takes: '[-- <more for prettier>]' },
};
