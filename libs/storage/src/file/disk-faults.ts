import { InvalidKey, StorageAway, StorageRefused } from '../errors.ts';
import { asError, systemCode } from '../system-code.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);

/** A system error as an error of the object store, with a sentence that says what to do. Other errors stay what they are. */
export function diskFault(error: unknown, root: string): Error {
  const code = systemCode(error);
  if (!/^E[A-Z0-9]+$/.test(code)) return asError(error);
  // The system's message names the path, and with it the key: only its code is kept.
  const cause = new Error(code);
  if (FULL.has(code))
    return away(`The disk that holds ${root} is full. Free some space on it; work then goes on by itself.`, cause);
  if (FORBIDDEN.has(code))
    return new StorageRefused(
      `This process may not write below ${root} (${code}). Give the directory to its user, and see that the disk is not mounted read-only.`,
      { cause },
    );
  if (code === 'EXDEV' || code === 'ENOTSUP' || code === 'EOPNOTSUPP')
    return new StorageRefused(
      `${root} must be one file system with hard links, such as ext4, XFS or Btrfs, without another disk mounted inside it (${code}).`,
      { cause },
    );
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new StorageRefused(`${root} is not a directory, or a file stands in its way.`, { cause });
  if (code === 'ENOENT')
    return away(
      `${root}, or something in it, is not there any more. See that its disk is plugged in and mounted.`,
      cause,
    );
  if (code === 'ENAMETOOLONG') return new InvalidKey(`The key is too long for the file system of ${root}.`, { cause });
  return away(
    `The disk that holds ${root} does not answer as it should (${code}). Look at its health when this stays.`,
    cause,
  );
}

/** Full or gone is told before a body gets its key; of other faults it is not sure. */
function away(message: string, cause: Error): StorageAway {
  return new StorageAway(message, { beforeFirstByte: FULL.has(cause.message) || cause.message === 'ENOENT', cause });
}
