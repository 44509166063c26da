/**
 * Every command of the repository and the file that runs it.
 *
 * entry: file that Node 24 runs; nodeArgs: flags of Node itself; args: put before the caller's own;
 * alsoInstall: folders with a lock file of their own.
 */
export const commands = {
  up: { entry: 'tools/stack/src/up.ts' },
  down: { entry: 'tools/stack/src/down.ts' },
  status: { entry: 'tools/stack/src/status.ts' },
  logs: { entry: 'tools/stack/src/logs.ts' },
  demo: { entry: 'tools/stack/src/demo.ts' },
  admin: { entry: 'tools/stack/src/admin.ts' },
  sandbox: { entry: 'tools/stack/src/sandbox.ts' },
  cfdi: { entry: 'tools/stack/src/cfdi.ts' },
  'bench:ledger': { entry: 'tools/bench/src/ledger.ts', alsoInstall: ['tools/bench'] },
  test: { entry: 'tools/gates/src/test.ts' },
  'test:faults': { entry: 'tools/gates/src/test.ts', args: ['--faults'] },
  check: { entry: 'tools/gates/src/check.ts', alsoInstall: ['tools/bench'] },
  pages: { entry: 'tools/pages/src/main.ts' },
  build: { entry: 'node_modules/.bin/nx', args: ['run-many', '-t', 'build'] },
  lint: { entry: 'tools/gates/src/lint.ts' },
  typecheck: { entry: 'node_modules/.bin/tsc', args: ['--noEmit', '--pretty'] },
  format: { entry: 'node_modules/.bin/prettier', args: ['--write', '.'] },
  'format:check': { entry: 'node_modules/.bin/prettier', args: ['--check', '.'] },
};
