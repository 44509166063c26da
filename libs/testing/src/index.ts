export { comprobantesDePrueba } from './builders/comprobantes.ts';
export { createDatabase, type FreshDatabase } from './databases.ts';
export { NodeProcess, spawnNode, type NodeProcessOptions } from './faults/node-process.ts';
export { smallDisk, type SmallDisk } from './faults/small-disk.ts';
export { TcpProxy } from './faults/tcp-proxy.ts';
export { freshDatabase, type MigratedDatabase } from './fresh-database.ts';
export { freshRedis, type FreshRedis } from './fresh-redis.ts';
export { allMigrations, appNames, loginNameOf } from './owners.ts';
export { CountingOutside, type Effect } from './outside/counting-outside.ts';
export {
  OfficeRefused,
  PortalClient,
  startPortal,
  Vendor,
  type Issued,
  type Order,
  type PortalState,
  type RunningPortal,
} from './portal.ts';
export { privatePostgres, privateRedis, type Private } from './private-services.ts';
export {
  makeDemoIssuer,
  makeTestCertificates,
  SandboxClient,
  startSandbox,
  type DemoIssuer,
  type LoggedCancellation,
  type LoggedRequest,
  type RunningSandbox,
  type StartOptions,
  type TestCertificates,
} from './sandbox.ts';
export { satResource, satResources } from './sat-resources.ts';
export { startTestServices, testS3, type TestS3, type TestServices } from './services/services.ts';
export { TestClock } from './test-clock.ts';
export { until, type UntilOptions } from './until.ts';
export { describeWhen, itWhen, type Requirement } from './when.ts';
