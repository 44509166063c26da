// What the boundary rule of the linter cannot see: cycles between files, and who may import whom inside an app.
const { existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

const spec = '\\.(spec|conformance)\\.tsx?$';

/**
 * Folders of the agent apps by what they are: `handlers` and `store` by name, a seam by the conformance suite that
 * lies in it, everything else is domain. Read from the tree, so an app of a later day is covered without an edit.
 */
function rooms() {
  const found = { seam: [], domain: [] };
  for (const app of directories('apps')) {
    const source = join('apps', app, 'src');
    if (!existsSync(join(__dirname, source, 'handlers'))) continue; // the gateway has no jobs and another shape
    for (const folder of directories(source)) {
      if (folder === 'handlers' || folder === 'store') continue;
      const files = readdirSync(join(__dirname, source, folder));
      const kind = files.some((file) => file.endsWith('.conformance.ts')) ? 'seam' : 'domain';
      found[kind].push(`apps/${app}/src/${folder}/`);
    }
  }
  return found;
}

function directories(path) {
  const full = join(__dirname, path);
  if (!existsSync(full)) return [];
  return readdirSync(full, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

const { seam, domain } = rooms();
// An expression that nothing matches keeps the rules in force when a list is empty.
const anyOf = (paths) => (paths.length > 0 ? `^(${paths.join('|')})` : '^(?!)');

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Files that import each other can be neither read nor loaded alone: move what both need into a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'store-imports-domain-only',
      comment: 'Stores and seams know the domain, not who calls them: handlers → store, seam → domain.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/src/store/', pathNot: spec },
      to: { path: ['^apps/$1/src/handlers/', ...(seam.length > 0 ? [anyOf(seam)] : [])] },
    },
    {
      name: 'seam-imports-domain-only',
      comment: 'Stores and seams know the domain, not who calls them: handlers → store, seam → domain.',
      severity: 'error',
      from: { path: anyOf(seam), pathNot: spec },
      to: { path: '^apps/[^/]+/src/(handlers|store)/' },
    },
    {
      name: 'domain-imports-domain-only',
      comment: 'The domain is rules without surroundings: nothing of handlers, store, seam or the root of the app.',
      severity: 'error',
      from: { path: anyOf(domain), pathNot: spec },
      to: { path: '^apps/', pathNot: anyOf(domain) },
    },
    {
      name: 'domain-without-framework',
      comment: 'The domain names no framework, database, queue or network, and no library of ours that does.',
      severity: 'error',
      from: { path: anyOf(domain), pathNot: spec },
      to: {
        path: [
          '^libs/(?!(backoff|comprobante|contracts|licensing)/)',
          'node_modules/(@nestjs|@fastify|@opentelemetry|typeorm|bullmq|ioredis|pg|minio|nodemailer|fastify|pino|prom-client|rxjs)(/|$)',
          '^(node:)?(child_process|cluster|dgram|dns|fs|http|http2|https|net|process|tls|worker_threads)(/|$)',
        ],
      },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that leads nowhere would escape every rule above.',
      severity: 'error',
      // The benchmark's own packages are installed on demand only.
      from: { pathNot: '^tools/bench/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.cache)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(__dirname, 'tsconfig.json') },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@nexora/source', 'import', 'node', 'require', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.node', '.d.ts'],
    },
  },
};
