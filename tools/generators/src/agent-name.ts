import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The parts of a job's kind, a schema, a login, an environment variable and a class are made of it. */
const NAME = /^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/;
/** Postgres cuts names at 63 bytes; metrics, logs and tables of the status are read by people. */
const LONGEST = 30;

/** Logins, schemas and logs of the house go by these, besides the folders that `taken` looks at. */
const OF_THE_HOUSE =
  /^(admin|agents|client|clock|gateway|owner|postgres|public|redis|up|information-schema)$|^(admin|pg)-/;

/** Words that Postgres reserves: `CREATE TABLE order.note` would not be SQL. */
const SQL = new Set(
  (
    'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation ' +
    'column concurrently constraint create cross default deferrable desc distinct do else end except false fetch for ' +
    'foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral ' +
    'leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps ' +
    'placing primary references returning right select similar some symmetric table tablesample then to trailing ' +
    'true union unique user using variadic verbose when where window with'
  ).split(' '),
);

/** What stands against an agent of this name in the repository under `root`, and how to mend it; undefined: nothing. */
export function objectionTo(name: string, root: string): string | undefined {
  if (!NAME.test(name)) {
    return `"${name}" is no name for an agent: small letters a to z, digits and single hyphens, for instance "citas" or "citas-web"`;
  }
  if (name.length > LONGEST) return `"${name}" has ${name.length} letters; take at most ${LONGEST}`;
  if (OF_THE_HOUSE.test(name)) return `"${name}" means something else in the house already; take another name`;
  if (SQL.has(name))
    return `"${name}" is a word of SQL and cannot name a schema; take another, for instance its plural`;
  const there = taken(name, root);
  return there === undefined ? undefined : `${there} is there already; take another name, or remove it first`;
}

/** The first place that has the name; packages of the house are called by their folders. */
function taken(name: string, root: string): string | undefined {
  const places = ['apps', 'libs', 'tools'].map((group) => `${group}/${name}`);
  return [...places, `libs/contracts/src/${name}.kinds.ts`].find((place) => existsSync(join(root, place)));
}
