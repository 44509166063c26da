import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kidOf, rawPublicKey } from '@nexora/licensing';
import { replaceFile } from '@nexora/sandbox-kit';
import type { KeyRecord } from './records.ts';

function pathOf(folder: string, kid: string): string {
  return join(folder, `key-${kid}.pem`);
}

/** Makes a pair of Ed25519 keys and keeps the private one (PKCS #8, mode 0600) in the folder. */
export async function makeKey(folder: string, since: Date): Promise<KeyRecord> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const raw = rawPublicKey(privateKey);
  const kid = kidOf(raw);
  await replaceFile(pathOf(folder, kid), privateKey.export({ format: 'pem', type: 'pkcs8' }) as string);
  return { kid, publicKeyHex: raw.toString('hex'), since: since.toISOString(), until: null };
}

/** The private key of this id. Errors: those of the file system. */
export async function readKey(folder: string, kid: string): Promise<KeyObject> {
  return createPrivateKey(await readFile(pathOf(folder, kid), 'utf8'));
}
