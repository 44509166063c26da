import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { address, defineSettings, flag, type SettingsOf } from '@nexora/runtime';

/** Where objects are kept. The names `S3_ENDPOINT`, `S3_BUCKET`, `S3_ACCESS_KEY`, `S3_SECRET_KEY` are the business's own. */
export const storageSettings = defineSettings({
  STORAGE_URL: {
    schema: address(['file']).refine((text) => isDirectoryAddress(text), {
      error: 'must be the address of a directory by its whole path, with three slashes and special characters encoded',
    }),
    default: '',
    doc: 'Directory for objects (XML, PDF), as a file address. Not used when S3_ENDPOINT is set.',
    example: 'file:///var/lib/nexora/objects',
  },
  S3_ENDPOINT: {
    schema: address(['http', 'https']).refine((text) => isServerAddress(text), {
      error: 'must be a server and its port only, without user, password and path',
    }),
    default: '',
    doc: 'S3 server for objects; it then takes the place of STORAGE_URL.',
    example: 'https://s3.example.com',
  },
  S3_BUCKET: {
    schema: z.string().regex(/^(?!.*\.\.)(?![0-9.]+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    default: '',
    doc: 'Bucket for objects; required with S3_ENDPOINT.',
    example: 'nexora',
  },
  S3_ACCESS_KEY: {
    schema: z.string().regex(/^[!-~]+$/),
    default: '',
    secret: true,
    doc: 'Access key of the S3 server; required with S3_ENDPOINT.',
    example: 'nexora-objects',
  },
  S3_SECRET_KEY: {
    schema: z.string().regex(/^[!-~]+$/),
    default: '',
    secret: true,
    doc: 'Secret key of the S3 server; required with S3_ENDPOINT.',
    example: 'use-a-long-random-text',
  },
  S3_REGION: {
    schema: z.string().regex(/^[a-z0-9-]{1,40}$/),
    default: '',
    doc: 'Region of the bucket. Unset: us-east-1, or what the server answers instead.',
    example: 'us-east-1',
  },
  S3_MAKE_BUCKET: {
    schema: flag(),
    default: true,
    doc: 'Whether a missing bucket may be made; else it is an error.',
    example: 'true',
  },
});

/** Values of the storage settings. */
export type StorageSettings = SettingsOf<typeof storageSettings>;

function isDirectoryAddress(text: string): boolean {
  try {
    return isAbsolute(fileURLToPath(text)) && !/[?#]/.test(text);
  } catch {
    return false; // a host, or an encoded slash
  }
}

function isServerAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.href === `${url.origin}/`;
}
