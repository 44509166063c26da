export { Child, findOnPath, type ChildOptions, type Exit } from './child.ts';
export { errorCode } from './error-code.ts';
export { FolderInUse, MissingProgram, StartFailed } from './errors.ts';
export type { Say } from './install.ts';
export { lock, tryLock, withLock, type Lock } from './lock.ts';
export { shippedEnvironment, shippedNodeFlags, sourceNodeFlags } from './node-flags.ts';
export { RecentOutput } from './output.ts';
export { freePort } from './ports.ts';
export { EmbeddedPostgres, removePostgres, startPostgres, type PostgresOptions, type StopMode } from './postgres.ts';
export type { Durability } from './postgres-files.ts';
export {
  commandLine,
  descendantsOf,
  isAlive,
  memoryOf,
  refOf,
  signal,
  type Memory,
  type ProcessRef,
} from './process-table.ts';
export { findPostgres, findRedis } from './programs.ts';
export { redisCommand } from './redis-command.ts';
export { EmbeddedRedis, startRedis, type RedisOptions } from './redis.ts';
export { startS3, type EmbeddedS3, type NoS3, type S3Options } from './s3.ts';
export { poll } from './wait.ts';
