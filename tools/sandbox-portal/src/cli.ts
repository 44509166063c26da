import { text } from 'node:stream/consumers';
import { runCommand } from './command/run.ts';

// Whoever reads may have enough before all is written, as `head` has.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.exitCode = await runCommand(process.argv.slice(2), {
  dir: process.env.SANDBOX_DIR,
  cwd: process.cwd(),
  print: (line) => void process.stdout.write(line),
  remark: (line) => void process.stderr.write(line),
  readInput: () => text(process.stdin),
});
