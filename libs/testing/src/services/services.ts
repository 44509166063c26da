import { Lease, takeLease } from './lease.ts';

/** Real services that a run of the tests shares, and how the tests find them. */
export interface TestServices {
  /** Environment variables that the test processes get. */
  readonly env: Record<string, string>;
  /** Ends what was started, unless another run uses it; may be called once. */
  stop(): Promise<void>;
}

let shared: Promise<Lease> | undefined;

/** Starts the services that `*.it.spec.ts` and `*.fault.spec.ts` use, S3 included, once for a whole run. */
export async function startTestServices(): Promise<TestServices> {
  const lease = await takeLease();
  const env = { ...lease.env, ...(await lease.s3()) };
  return { env, stop: () => lease.release({ stop: true }) };
}

/** A variable of the services' environment; a lone test file starts the services by asking. */
export async function serviceVariable(name: string): Promise<string> {
  const given = process.env[name];
  if (given !== undefined && given !== '') return given;
  shared ??= takeLease();
  const { env } = await shared;
  const found = env[name];
  if (found === undefined) throw new Error(`the test services give no ${name}`);
  return found;
}

/** An S3 server for tests, or why there is none. */
export type TestS3 = { endpoint: string; accessKey: string; secretKey: string } | { skipped: string };

/** The shared S3 server (signatures verified, multipart), started by the first who asks. */
export async function testS3(): Promise<TestS3> {
  const given = process.env['NEXORA_TEST_S3_ENDPOINT'] ?? process.env['NEXORA_TEST_S3_SKIPPED'];
  const env = given === undefined ? await (await (shared ??= takeLease())).s3() : process.env;
  const { NEXORA_TEST_S3_ENDPOINT: endpoint, NEXORA_TEST_S3_ACCESS_KEY: accessKey } = env;
  const { NEXORA_TEST_S3_SECRET_KEY: secretKey, NEXORA_TEST_S3_SKIPPED: skipped } = env;
  if (endpoint === undefined || accessKey === undefined || secretKey === undefined) {
    return { skipped: skipped ?? 'no S3 server' };
  }
  return { endpoint, accessKey, secretKey };
}
