import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Envelope } from '@nexora/licensing';
import { errorCode, replaceFile } from '@nexora/sandbox-kit';
import { offlineRequestIn } from '../office/offline.ts';
import { bindingIn, type Order } from '../office/order.ts';
import { OfficeRefused } from '../office/refused.ts';
import type { Vendor } from '../office/vendor.ts';
import { Misused } from './usage.ts';
import { givenIn, type Given } from './words.ts';

/** Where a command works and what it writes to. */
export interface Desk {
  readonly vendor: Vendor;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  print(text: string): void;
  /** For people, when stdout holds a document. */
  remark(text: string): void;
  /** All of the standard input. */
  readInput(): Promise<string>;
}

/** Runs with the words behind its name. Errors: Misused, OfficeRefused. */
type Command = (args: readonly string[]) => (desk: Desk) => Promise<void>;

const out = { out: { type: 'string' } } as const;

/** Where `--out` says a document goes; undefined: to stdout. Errors: OfficeRefused, before anything is issued. */
async function placeIn(desk: Desk, given: Given): Promise<string | undefined> {
  const name = given.text('out');
  if (name === undefined) return undefined;
  const path = resolve(desk.cwd, name);
  try {
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    throw new OfficeRefused(`${path} cannot be written: ${(error as Error).message}`);
  }
  return path;
}

/** Puts a document in its place; the sentence goes where the document does not. */
async function handOver(desk: Desk, path: string | undefined, envelope: Envelope, sentence: string): Promise<void> {
  const text = `${JSON.stringify(envelope)}\n`;
  if (path === undefined) {
    desk.print(text);
    return desk.remark(`${sentence}\n`);
  }
  await replaceFile(path, text, 0o644);
  desk.print(`${sentence}: ${path}\n`);
}

function required(given: Given, name: string): string {
  const value = given.text(name);
  if (value === undefined) throw new Misused(`--${name} is missing`);
  return value;
}

function quantityIn(text: string): [string, number] {
  const [, name, number] = /^([^=]+)=(\d{1,15})$/.exec(text) ?? [];
  if (name === undefined) throw new Misused(`--quantity must be <name>=<whole number>, not "${text}"`);
  return [name, Number(number)];
}

function quantitiesIn(texts: readonly string[]): Record<string, number> {
  const quantities = texts.map(quantityIn);
  const twice = quantities.find(([name], index) => quantities.findIndex(([other]) => other === name) !== index);
  if (twice !== undefined) throw new Misused(`the quantity ${twice[0]} is given twice`);
  return Object.fromEntries(quantities);
}

function orderIn(given: Given): Order {
  const binding = given.text('binding');
  if (binding !== undefined && given.has('bind')) throw new Misused('--binding and --bind exclude each other');
  const options = {
    plan: given.text('plan'),
    id: given.text('id'),
    validDays: given.number('valid-days'),
    validUntil: given.text('valid-until'),
    paidUntil: given.text('paid-until'),
    notBefore: given.text('not-before'),
    minCrl: given.number('min-crl'),
    binding: binding === undefined ? undefined : bindingIn(binding.split(',')),
  };
  return {
    customer: required(given, 'customer'),
    rfc: required(given, 'rfc'),
    features: given.texts('feature'),
    quantities: quantitiesIn(given.texts('quantity')),
    bindsAtFirstRenewal: given.has('bind'),
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
}

const issue: Command = (args) => {
  const given = givenIn(args, {
    ...out,
    customer: { type: 'string' },
    rfc: { type: 'string' },
    plan: { type: 'string' },
    feature: { type: 'string', multiple: true },
    quantity: { type: 'string', multiple: true },
    'valid-days': { type: 'string' },
    'valid-until': { type: 'string' },
    'paid-until': { type: 'string' },
    'not-before': { type: 'string' },
    binding: { type: 'string' },
    bind: { type: 'boolean' },
    'min-crl': { type: 'string' },
    id: { type: 'string' },
  });
  const order = orderIn(given);
  return async (desk) => {
    const path = await placeIn(desk, given);
    const { id, license, envelope } = await desk.vendor.issue(order);
    const lifetimes = `valid until ${license.validUntil}, paid until ${license.paidUntil}`;
    await handOver(desk, path, envelope, `Licence ${id} for ${license.customer}, ${lifetimes}`);
  };
};

const renew: Command = (args) => {
  const given = givenIn(args, { ...out, 'paid-until': { type: 'string' }, 'valid-days': { type: 'string' } }, ['id']);
  const [id = ''] = given.words;
  const paidUntil = given.text('paid-until');
  const validDays = given.number('valid-days');
  const terms = { ...(paidUntil !== undefined && { paidUntil }), ...(validDays !== undefined && { validDays }) };
  return async (desk) => {
    const path = await placeIn(desk, given);
    const { license, envelope } = await desk.vendor.renew(id, terms);
    await handOver(desk, path, envelope, `Licence ${id} renewed, valid until ${license.validUntil}`);
  };
};

/** A command that changes how a licence stands, and with it the revocation list. */
function standing(change: (vendor: Vendor, id: string) => Promise<void>, done: string): Command {
  return (args) => {
    const [id = ''] = givenIn(args, {}, ['id']).words;
    return async ({ vendor, print }) => {
      await change(vendor, id);
      const { crl } = await vendor.crl();
      print(`Licence ${id} is ${done}; revocation list ${crl.series} number ${crl.number} says so\n`);
    };
  };
}

const rotate: Command = (args) => {
  givenIn(args, {});
  return async ({ vendor, print }) => {
    const { kid, publicKeyHex } = await vendor.rotate();
    const keys = (await vendor.publicKeysHex()).join(',');
    print(`The key ${kid} signs from now on: ${publicKeyHex}\n`);
    print(`Installations need the old ones too until they have renewed: LICENSE_PUBLIC_KEY_HEX=${keys}\n`);
  };
};

const crl: Command = (args) => {
  const given = givenIn(args, out);
  return async (desk) => {
    const path = await placeIn(desk, given);
    const { crl: list, envelope } = await desk.vendor.crl();
    await handOver(desk, path, envelope, `Revocation list ${list.series} number ${list.number}`);
  };
};

const keys: Command = (args) => {
  const isHex = givenIn(args, { hex: { type: 'boolean' } }).has('hex');
  return async ({ vendor, print }) => {
    if (isHex) return print(`${(await vendor.publicKeysHex()).join(',')}\n`);
    for (const { kid, publicKeyHex, since, until } of await vendor.keys()) {
      print(`${JSON.stringify({ publicKeyHex, kid, signs: until === null, since, until })}\n`);
    }
  };
};

async function textOf(desk: Desk, name: string): Promise<string> {
  if (name === '-') return desk.readInput();
  const path = resolve(desk.cwd, name);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'is not there' : `cannot be read: ${(error as Error).message}`;
    throw new OfficeRefused(`${path} ${why}`);
  }
}

const answer: Command = (args) => {
  const given = givenIn(args, out, ['request file']);
  const [name = ''] = given.words;
  return async (desk) => {
    const path = await placeIn(desk, given);
    const request = offlineRequestIn(await textOf(desk, name));
    const { envelope, ruling } = await desk.vendor.answer(request);
    const outcome = ruling.kind === 'refuse' ? `refused (${ruling.refusal.code})` : 'renewed';
    await handOver(desk, path, envelope, `Reply for licence ${request.id}: ${outcome}`);
  };
};

const list: Command = (args) => {
  givenIn(args, {});
  return async ({ vendor, print }) => {
    for (const { license, envelope, status } of await vendor.list()) {
      const { id, customer, rfc, plan, binding, issuedAt, validUntil, paidUntil } = license;
      const { kid } = envelope;
      const line = { id, customer, rfc, plan, status, bound: binding !== null, issuedAt, validUntil, paidUntil, kid };
      print(`${JSON.stringify(line)}\n`);
    }
  };
};

/** Every command by its name. */
export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    issue,
    renew,
    revoke: standing((vendor, id) => vendor.revoke(id), 'revoked'),
    suspend: standing((vendor, id) => vendor.suspend(id), 'suspended'),
    reinstate: standing((vendor, id) => vendor.reinstate(id), 'active again'),
    rotate,
    crl,
    keys,
    answer,
    list,
  }),
);
