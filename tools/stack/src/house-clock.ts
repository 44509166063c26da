import pg from 'pg';

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Seconds of `+73h`, `-2h`, `+30m`, `+1d`; 0 for `reset`; null for anything else. */
export function parseOffset(word: string): number | null {
  if (word === 'reset') return 0;
  const [, sign, amount, unit] = /^([+-])(\d{1,6})([smhd])$/.exec(word) ?? [];
  if (sign === undefined || amount === undefined || unit === undefined) return null;
  return (sign === '-' ? -1 : 1) * Number(amount) * UNITS[unit as keyof typeof UNITS];
}

/** Moves the ledger's clock, which every agent follows, by seconds away from the machine's; null sets it right. */
export async function moveHouseClock(url: string, seconds: number | null): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT agents.set_clock(make_interval(secs => $1))', [seconds]);
  } finally {
    await client.end();
  }
}
