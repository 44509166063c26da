/** What came back from the address of the heartbeat. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * What is wrong with an answer; undefined when it proves that the Internet is there. A captive portal answers too: with
 * a redirection, or with a page of its own and status 200, which only the expected body tells apart.
 * @param expected Exact body but for white space around it; empty: any body of a 2xx counts.
 */
export function unexpected({ status, body }: Answer, expected: string): string | undefined {
  if (status < 200 || status > 299) return `answered with status ${status}`;
  if (expected !== '' && body.trim() !== expected.trim()) return 'answered with another body than expected';
  return undefined;
}
