import type { PlantedFile } from './scratch-copy.ts';

/** A file that breaks exactly one rule. */
export interface Offence extends PlantedFile {
  readonly rule: string;
}

const BOUNDARY = '@nx/enforce-module-boundaries';
const SYNTAX = 'no-restricted-syntax';

const importing = (specifier: string): string =>
  `import * as other from '${specifier}';\nexport const canary: unknown = other;\n`;

/** An agent that nobody named in any rule: what holds for it holds for the next one. */
const app = 'apps/canary';

/** What the offences stand on, innocent itself. */
export const scaffold: readonly PlantedFile[] = [
  {
    path: `${app}/package.json`,
    source: JSON.stringify({
      name: '@nexora/canary',
      version: '0.1.0',
      private: true,
      type: 'module',
      nx: { tags: ['type:app', 'scope:canary'] },
    }),
  },
  { path: `${app}/tsconfig.json`, source: '{ "extends": "../../tsconfig.base.json", "include": ["src"] }' },
  // A circle is reported once, at one of its files.
  { path: `${app}/src/cycle-b.ts`, source: importing('./cycle-a.ts') },
  { path: `${app}/src/pac/pac.conformance.ts`, source: 'export {};\n' },
];

/** Files that every rule must let pass; a rule that fires on all would raise every alarm, too. */
export const innocents: readonly PlantedFile[] = [
  {
    path: `${app}/src/innocent.spec.ts`,
    source: `${importing('@nexora/testing')}export const home = process.env['HOME'];\n`,
  },
  { path: `${app}/src/innocent.ts`, source: importing('@nexora/contracts') },
  { path: `${app}/src/rules/innocent.ts`, source: importing('@nexora/contracts') },
  { path: `${app}/src/store/innocent.ts`, source: importing('../rules/innocent.ts') },
  { path: `${app}/src/pac/innocent.ts`, source: importing('../rules/innocent.ts') },
  {
    path: `${app}/src/handlers/innocent.ts`,
    source: `import * as store from '../store/innocent.ts';\nimport * as pac from '../pac/innocent.ts';\nexport const canary: unknown = [store, pac];\n`,
  },
  {
    path: 'tools/stack/src/canary-innocent.ts',
    source: `${importing('@nexora/embedded')}console.log(process.env['HOME']);\n`,
  },
];

/** One offence per promise of the import and language rules, for the linter. */
export const lintOffences: readonly Offence[] = [
  { rule: BOUNDARY, path: `${app}/src/other-app.ts`, source: importing('@nexora/sync') },
  { rule: BOUNDARY, path: `${app}/src/relative.ts`, source: importing('../../../libs/contracts/src/index.ts') },
  { rule: BOUNDARY, path: `${app}/src/test-library.ts`, source: importing('@nexora/testing') },
  { rule: BOUNDARY, path: `${app}/src/embedded.ts`, source: importing('@nexora/embedded') },
  { rule: BOUNDARY, path: `${app}/src/embedded.spec.ts`, source: importing('@nexora/embedded') },
  { rule: BOUNDARY, path: 'apps/admin-gateway/src/canary-worker.ts', source: importing('@nexora/agent') },
  { rule: BOUNDARY, path: 'libs/outbox/src/canary-adapter.ts', source: importing('@nexora/storage') },
  { rule: BOUNDARY, path: 'libs/storage/src/canary-ledger.ts', source: importing('@nexora/outbox') },
  { rule: BOUNDARY, path: 'libs/runtime/src/canary-embedded.ts', source: importing('@nexora/embedded') },
  { rule: BOUNDARY, path: 'libs/contracts/src/canary-nest.ts', source: importing('@nestjs/common') },
  { rule: BOUNDARY, path: 'libs/contracts/src/canary-ioredis.ts', source: importing('ioredis') },
  { rule: BOUNDARY, path: 'libs/backoff/src/canary-kernel.ts', source: importing('@nexora/runtime') },
  { rule: BOUNDARY, path: 'libs/backoff/src/canary-typeorm.ts', source: importing('typeorm') },
  { rule: SYNTAX, path: `${app}/src/env.ts`, source: `export const home = process.env['HOME'];\n` },
  {
    rule: SYNTAX,
    path: `${app}/src/env-taken-apart.ts`,
    source: `const { env } = process;\nexport const home = env['HOME'];\n`,
  },
  {
    rule: SYNTAX,
    path: `${app}/src/env-imported.ts`,
    source: `import { env } from 'node:process';\nexport const home = env['HOME'];\n`,
  },
  { rule: SYNTAX, path: `${app}/src/barrel.ts`, source: `export * from './innocent.ts';\n` },
  {
    rule: SYNTAX,
    path: `${app}/src/only.spec.ts`,
    source: `import { it } from '@jest/globals';\nit.only('alone', () => undefined);\n`,
  },
  {
    rule: SYNTAX,
    path: `${app}/src/skip.spec.ts`,
    source: `import { describe } from '@jest/globals';\ndescribe.skip('left out', () => undefined);\n`,
  },
  { rule: SYNTAX, path: 'tools/stack/src/canary-enum.ts', source: 'export enum Canary {\n  A,\n}\n' },
  { rule: 'no-console', path: `${app}/src/console.ts`, source: `console.log('canary');\n` },
  { rule: 'no-empty', path: `${app}/src/swallow.ts`, source: `try {\n  JSON.parse('');\n} catch {}\n` },
  {
    rule: '@typescript-eslint/no-explicit-any',
    path: `${app}/src/any.ts`,
    source: 'export const anything = (x: any) => x;\n',
  },
  {
    rule: '@typescript-eslint/no-unsafe-assignment',
    path: `${app}/src/unsafe.ts`,
    source: `export const parsed: string = JSON.parse('""');\n`,
  },
  {
    rule: '@typescript-eslint/no-floating-promises',
    path: `${app}/src/floating.ts`,
    source: `Promise.reject(new Error('canary'));\n`,
  },
];

/** One offence per rule of dependency-cruiser. */
export const cruiseOffences: readonly Offence[] = [
  { rule: 'no-cycles', path: `${app}/src/cycle-a.ts`, source: importing('./cycle-b.ts') },
  { rule: 'no-unresolvable', path: `${app}/src/lost.ts`, source: importing('./nowhere.ts') },
  {
    rule: 'store-imports-domain-only',
    path: `${app}/src/store/upwards.ts`,
    source: importing('../handlers/innocent.ts'),
  },
  { rule: 'store-imports-domain-only', path: `${app}/src/store/sideways.ts`, source: importing('../pac/innocent.ts') },
  { rule: 'seam-imports-domain-only', path: `${app}/src/pac/sideways.ts`, source: importing('../store/innocent.ts') },
  {
    rule: 'domain-imports-domain-only',
    path: `${app}/src/rules/upwards.ts`,
    source: importing('../store/innocent.ts'),
  },
  { rule: 'domain-without-framework', path: `${app}/src/rules/nest.ts`, source: importing('@nestjs/common') },
  { rule: 'domain-without-framework', path: `${app}/src/rules/kernel.ts`, source: importing('@nexora/database') },
  { rule: 'domain-without-framework', path: `${app}/src/rules/disk.ts`, source: importing('node:fs') },
];
