import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

// Run through nx only: without a cached project graph the boundary rule passes everything.

/** Tag → tags that it may import. A project of a later day is covered as soon as it carries its tags. */
const mayImport = {
  'type:app': ['type:kernel', 'type:adapter', 'type:pure', 'type:contract'],
  'type:kernel': ['type:kernel', 'type:pure', 'type:contract'],
  'type:adapter': ['role:runtime', 'type:pure', 'type:contract'],
  'type:contract': ['type:pure'],
  'type:pure': ['type:pure'],
  'type:embedded': ['type:pure', 'type:contract'],
  'type:testing': ['*'],
  'type:tool': [
    'type:kernel',
    'type:adapter',
    'type:pure',
    'type:contract',
    'type:embedded',
    'type:testing',
    'type:tool',
  ],
};

const frameworks = ['@nestjs/*', 'typeorm', 'bullmq', 'ioredis'];
const doors = ['pg', 'minio', 'nodemailer', 'sharp', 'fastify', '@fastify/*', 'prom-client', 'pino', 'pino-http'];
const testTools = ['@jest/globals', 'fast-check'];

/** Test files may use the test library and the services that it starts; nothing else changes for them. */
const boundaries = ({ inTests }) => [
  'error',
  {
    allow: [],
    // The test library starts what the kernel needs, and the kernel's own tests import the test library: a circle
    // of projects, not of files. Real circles are a gate of their own (cycles and layers).
    ignoredCircularDependencies: [['tag:type:testing', '*']],
    depConstraints: [
      ...Object.entries(mayImport).map(([sourceTag, tags]) => ({
        sourceTag,
        onlyDependOnLibsWithTags: inTests ? [...tags, 'type:testing'] : tags,
      })),
      // The gateway reads and enqueues; it must be unable to run a job.
      { sourceTag: 'scope:gateway', notDependOnLibsWithTags: ['role:worker'] },
      { sourceTag: 'type:contract', allowedExternalImports: inTests ? ['zod', ...testTools] : ['zod'] },
      { sourceTag: 'type:pure', bannedExternalImports: [...frameworks, ...doors] },
    ],
  },
];

const environment = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Settings come from the schema of the app; process.env is read in libs/runtime/src/settings/load.ts only.',
  },
  {
    selector: "VariableDeclarator[init.name='process'] > ObjectPattern > Property[key.name='env']",
    message: 'Settings come from the schema of the app; process.env is read in libs/runtime/src/settings/load.ts only.',
  },
  {
    selector: 'ImportDeclaration[source.value=/^(node:)?process$/]',
    message: 'Use the global `process`; its `env` is read in libs/runtime/src/settings/load.ts only.',
  },
];

const barrels = [
  {
    selector: 'ExportAllDeclaration',
    message: '`export *` hides what is public and breeds import cycles: name the exports.',
  },
];

const narrowedTests = [
  {
    selector:
      'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|skip|todo|failing)$/], MemberExpression[object.object.name=/^(it|test|describe)$/][property.name=/^(only|skip)$/]',
    message:
      'A narrowed run proves nothing. What a machine may lack is skipped with its reason: itWhen(), describeWhen().',
  },
  {
    selector: 'CallExpression[callee.name=/^(fit|fdescribe|xit|xtest|xdescribe)$/]',
    message:
      'A narrowed run proves nothing. What a machine may lack is skipped with its reason: itWhen(), describeWhen().',
  },
];

/** Node runs these files as they are and can only strip types, not transform code. */
const strippable = [
  {
    selector: 'Decorator, TSEnumDeclaration, TSParameterProperty, TSImportEqualsDeclaration, TSExportAssignment',
    message:
      'Tools, and the libraries that tools import, run by type stripping: no decorator, enum, parameter property.',
  },
];

const tests = ['**/*.spec.ts', '**/*.spec.tsx', '**/*.conformance.ts'];
const toolFiles = ['tools/**/*.ts', 'libs/embedded/**/*.ts', 'libs/testing/**/*.ts'];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/.cache/**', '**/.nexora/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.base],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { project: ['./tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': boundaries({ inTests: false }),
      'no-restricted-syntax': ['error', ...environment, ...barrels, ...narrowedTests],
      'no-console': 'error',
      'no-empty': 'error',
      'no-debugger': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unsafe-argument': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-call': 'error',
      '@typescript-eslint/no-unsafe-member-access': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    // Its peers are installed on demand, so their types may be missing: what needs types of others is left out.
    files: ['tools/bench/**/*.ts'],
    languageOptions: { parserOptions: { project: ['./tools/bench/tsconfig.json'] } },
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: toolFiles,
    rules: { 'no-console': 'off', 'no-restricted-syntax': ['error', ...barrels, ...narrowedTests, ...strippable] },
  },
  {
    files: ['libs/backoff/**/*.ts', 'libs/comprobante/**/*.ts', 'libs/contracts/**/*.ts', 'libs/licensing/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...environment, ...barrels, ...narrowedTests, ...strippable] },
  },
  {
    files: ['libs/runtime/src/settings/load.ts'],
    rules: { 'no-restricted-syntax': ['error', ...barrels, ...narrowedTests] },
  },
  {
    // The one place that leaves tests out, with the reason in their names.
    files: ['libs/testing/src/when.ts'],
    rules: { 'no-restricted-syntax': ['error', ...barrels, ...strippable] },
  },
  {
    files: tests,
    rules: {
      '@nx/enforce-module-boundaries': boundaries({ inTests: true }),
      'no-restricted-syntax': ['error', ...barrels, ...narrowedTests],
      // Matchers such as expect.any() are typed `any` by Jest itself.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
