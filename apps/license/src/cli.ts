import { runCli } from './handlers/cli/run-cli.ts';

// Whoever reads may have enough before all is written, as `head` has.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.exitCode = await runCli(process.argv.slice(2), {
  write: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
});
