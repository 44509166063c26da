import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { shippedNodeFlags } from '@nexora/embedded';

const MEASURE = fileURLToPath(new URL('../../../../apps/cfdi/dist/measure.process.js', import.meta.url));

/** What the agent's core is asked to do again and again. */
export type Order =
  | {
      readonly what: 'seal';
      readonly seconds: number;
      readonly documento: object;
      readonly csd: { readonly cer: string; readonly key: string; readonly password: string };
      readonly fecha: string;
    }
  | { readonly what: 'cadena' | 'pdf'; readonly seconds: number; readonly xml: string };

/** Repetitions per second of processor, in a fresh process of the code and the flags that ship. */
export async function core(order: Order): Promise<number> {
  // The flags for PDFs are those of the process that draws them.
  const flags = order.what === 'pdf' ? ['--max-old-space-size=256'] : shippedNodeFlags;
  return (await answered<{ perCpuSecond: number }>(process.execPath, [...flags, MEASURE], order)).perCpuSecond;
}

/** The JSON that a program answers to JSON. @throws Error when it fails, with what it said */
export async function answered<T>(program: string, args: readonly string[], order: object): Promise<T> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  child.stdin.end(JSON.stringify(order));
  const [out, faults, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${faults.slice(-2_000)}`);
  return JSON.parse(out) as T;
}
