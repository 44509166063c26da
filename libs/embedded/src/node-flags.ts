/**
 * Flags under which every app ships, on the command line since NODE_OPTIONS refuses one of them. The semi-space
 * brings most of the memory that they save.
 */
export const shippedNodeFlags: readonly string[] = [
  '--max-old-space-size=96',
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--enable-source-maps',
];

/** Flags that run an app from its TypeScript sources, decorators included, without a build. */
export const sourceNodeFlags: readonly string[] = [
  '--conditions=@nexora/source',
  '--disable-warning=ExperimentalWarning',
  '--import',
  '@swc-node/register/esm-register',
];
