import { runCli } from '../handlers/cli/run-cli.ts';

/** What a command ended with and said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command of the tool in this process. */
export async function cli(...args: readonly string[]): Promise<Said> {
  let [out, err] = ['', ''];
  const code = await runCli(args, { write: (text) => void (out += text), complain: (text) => void (err += text) });
  return { code, out, err };
}
