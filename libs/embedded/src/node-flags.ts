/**
 * Loaded before everything else: stacks of our own code name the TypeScript line. The flag --enable-source-maps would
 * also parse the maps that ship inside node_modules: measured in an idle agent, 10 MB instead of 1.
 */
const OWN_SOURCE_MAPS = `import { setSourceMapsSupport } from 'node:module';
setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });`;

/**
 * Flags under which every app ships, on the command line since NODE_OPTIONS refuses one of them. The largest comprobante
 * (10,000 lines) needs more than 100 MB of heap for a moment; collecting from 24 MB on, an idle agent is no larger than
 * under a limit of 96 MB (without that flag by 8 MB). Measured too: a larger semi-space costs an idle agent up to 25 MB,
 * one of 1 MB lets a busy one collect its garbage for a third of the time; `--optimize-for-size` saves 3 to 5 MB and
 * costs a quick job a quarter more processor time.
 */
export const shippedNodeFlags: readonly string[] = [
  '--max-old-space-size=256',
  '--initial-old-space-size=24',
  '--max-semi-space-size=2',
  '--import',
  `data:text/javascript,${encodeURIComponent(OWN_SOURCE_MAPS)}`,
];

/**
 * Environment under which every app ships. Each thread that once compiled or collected garbage would keep what it gave
 * back in an arena of its own. Measured in the cfdi agent after 200 comprobantes: 127 MB instead of 140 (131 to 133
 * without the second line), at the same price in CPU. Read by glibc; elsewhere without effect.
 */
export const shippedEnvironment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/** Flags that run an app from its TypeScript sources, decorators included, without a build. */
export const sourceNodeFlags: readonly string[] = [
  '--conditions=@nexora/source',
  '--disable-warning=ExperimentalWarning',
  '--import',
  '@swc-node/register/esm-register',
];
