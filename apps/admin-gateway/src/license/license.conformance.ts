import type { LicenseMode } from '@nexora/contracts';
import { Database } from '@nexora/database';
import type { GatewayUnderTest } from '../testing/gateway.conformance.ts';

/** The license agent's part in a test: it records what the test wants to be read. */
export interface LicenseAgent {
  /** As the agent's own login. */
  readonly database: Database;
  /** Says how far the licence carries. */
  report(mode: LicenseMode, reason?: string | null): Promise<void>;
  /** Replaces parts of what is answered to whoever asks for the licence. */
  record(parts: Readonly<Record<string, unknown>>): Promise<void>;
  /** What a request by hand is made of. */
  carries(binding: readonly string[] | null, portal: string): Promise<void>;
  close(): Promise<void>;
}

/** Comes to work as the license agent. */
export async function licenseAgent(gateway: GatewayUnderTest): Promise<LicenseAgent> {
  const database = await Database.open({ url: gateway.database.urlFor('license'), poolSize: 1 });
  const run = async (text: string, values: unknown[]): Promise<void> => void (await database.query({ text, values }));
  return {
    database,
    report: (mode, reason = null) => run('SELECT agents.report_license($1, $2)', [mode, reason]),
    record: (parts) => run('UPDATE license.state SET answer = answer || $1', [JSON.stringify(parts)]),
    carries: (binding, portal) => {
      const text = `UPDATE license.state SET binding = $1, portal = $2,
                      mark = jsonb_build_object('bootId', 'boot', 'bootMs', 0, 'counted', agents.now())`;
      return run(text, [JSON.stringify(binding), portal]);
    },
    close: () => database.close(),
  };
}
