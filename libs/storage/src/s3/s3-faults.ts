import { InvalidKey, StorageAway, StorageRefused } from '../errors.ts';
import { systemCode } from '../system-code.ts';
import { S3Answer } from './answer.ts';
import { TimeUp } from './flight.ts';

/** What a failed request was about. */
export interface Circumstances {
  /** Where the store is, without secrets. */
  readonly place: string;
  /** Whether bytes of the request may have left. */
  readonly sent: boolean;
}

const WRONG_KEY = new Set([
  'InvalidAccessKeyId',
  'XAdminUserNotFound',
  'InvalidToken',
  'ExpiredToken',
  'TokenRefreshRequired',
]);
const WRONG_SECRET = new Set(['SignatureDoesNotMatch']);
const WRONG_CLOCK = new Set(['RequestTimeTooSkewed', 'RequestExpired']);
const FULL = new Set([
  'InsufficientStorage',
  'XMinioStorageFull',
  'QuotaExceeded',
  'InsufficientCapacity',
  'NoSpaceLeft',
]);
const FOLDER_IN_THE_WAY = new Set([
  'ObjectParentIsFile',
  'ExistingObjectIsDirectory',
  'ParentIsObject',
  'XMinioParentIsObject',
]);
const PASSING = new Set([
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'IncompleteBody',
  'RequestTimeout',
  'OperationAborted',
  'NoSuchUpload',
]);

/** A failed request as an error of the object store, with a sentence that says what to do. Errors of ours stay. */
export function s3Fault(error: unknown, at: Circumstances): Error {
  if (error instanceof StorageAway || error instanceof StorageRefused || error instanceof InvalidKey) return error;
  if (error instanceof S3Answer) return answerFault(error, at);
  if (error instanceof TimeUp) return away(`${at.place} does not answer (${error.message}).`, at, error);
  const code = systemCode(error) || 'unknown';
  // Only the code: messages of the network layer are not ours to vouch for.
  const cause = new Error(code);
  if (/CERT|TLS|SSL|SELF_SIGNED|ALTNAME/.test(code))
    return away(
      `The certificate of ${at.place} is not accepted (${code}). Look at the clock and at the certificate.`,
      at,
      cause,
    );
  return away(`${at.place} cannot be reached (${code}). See that the server runs and the address is right.`, at, cause);
}

/** The answer of something that is no S3 server: a proxy, or the login page of a network, which goes by itself. */
export function notS3(place: string, cause: unknown): StorageAway {
  return new StorageAway(
    `What answers at ${place} is no S3 server. Look at S3_ENDPOINT and at the line (the login page of a network?).`,
    { beforeFirstByte: false, cause },
  );
}

function answerFault(answer: S3Answer, at: Circumstances): Error {
  return clientFault(answer, at) ?? serverFault(answer, at);
}

/** What a person must mend, or the caller. */
function clientFault(answer: S3Answer, { place }: Circumstances): Error | null {
  const { code, status, region } = answer;
  const refused = (message: string) => new StorageRefused(message, { cause: answer });
  if (WRONG_KEY.has(code)) return refused(`${place} does not know the access key (${code}). Correct S3_ACCESS_KEY.`);
  if (WRONG_SECRET.has(code)) return refused(`${place} refuses the signature. Correct S3_SECRET_KEY.`);
  if (code === 'NoSuchBucket') return refused(`${place}: there is no such bucket. Make it, or correct S3_BUCKET.`);
  if (region !== null && (status === 301 || status === 400))
    return refused(`${place}: the bucket is in region ${region}. Set S3_REGION=${region}.`);
  if (FOLDER_IN_THE_WAY.has(code))
    return new InvalidKey('A key must not be the folder of another object, nor another object its folder.', {
      cause: answer,
    });
  if (code === 'EntityTooLarge')
    return new InvalidKey('The body is larger than the S3 server takes.', { cause: answer });
  if ((status === 401 || status === 403) && !WRONG_CLOCK.has(code))
    return refused(
      `${place} does not allow it (${answer.message}). Check the keys and what they may do in the bucket.`,
    );
  return null;
}

function serverFault(answer: S3Answer, at: Circumstances): Error {
  const { code, status } = answer;
  if (status >= 300 && status < 400) return notS3(at.place, answer);
  if (WRONG_CLOCK.has(code))
    return away(
      `${at.place}: the clocks of this machine and of the server differ too much. Set the clock.`,
      at,
      answer,
    );
  if (FULL.has(code) || status === 507)
    return away(`The disk behind ${at.place} is full. Free some space there; work then goes on by itself.`, at, answer);
  if (PASSING.has(code) || status >= 500 || status === 408 || status === 429)
    return away(`${at.place} cannot do it now (${answer.message}).`, at, answer);
  return new StorageRefused(
    `${at.place} refuses the request (${answer.message}). See that S3_ENDPOINT names an S3 server.`,
    { cause: answer },
  );
}

function away(message: string, { sent }: Circumstances, cause: unknown): StorageAway {
  return new StorageAway(message, { beforeFirstByte: !sent, cause });
}
