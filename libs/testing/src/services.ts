/** Real services that a run of the tests shares, and how the tests find them. */
export interface TestServices {
  /** Environment variables that the test processes get. */
  readonly env: Record<string, string>;
  /** Stops what was started; may be called once. */
  stop(): Promise<void>;
}

/** Starts the services that `*.it.spec.ts` and `*.fault.spec.ts` use. */
export async function startTestServices(): Promise<TestServices> {
  return { env: {}, stop: async () => {} };
}
