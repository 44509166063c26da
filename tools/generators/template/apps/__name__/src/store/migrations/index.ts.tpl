import { loginOf, type Migrations } from '@nexora/database';
import { Notes__stamp__ } from './__stamp__-notes.ts';

/** Migrations of the __name__ agent: its own schema, nothing else. Oldest first; a new one is added below. */
export const __camel__Migrations: Migrations = {
  schema: '__schema__',
  role: loginOf('__name__'),
  migrations: [Notes__stamp__],
};
