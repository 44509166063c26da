import { types } from 'node:util';

/** The code of an error of Node or the system (`ENOENT`), else an empty text. */
export function systemCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

/** What was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return types.isNativeError(thrown) ? thrown : new Error('Something that is no error was thrown.', { cause: thrown });
}
