import { DemoHouse } from './demo/house.ts';
import { tableOf } from './demo/figures.ts';
import { play } from './demo/play.ts';

for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const house = await DemoHouse.take((line) => console.log(`  ${line}`));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void house.end().then(() => process.exit(1)));
}

try {
  console.log('A house of its own, in a temporary folder:');
  await house.start();
  const figures = await play(house, (line) => console.log(line));
  console.log(`\n${tableOf(figures)}\n`);
  process.exitCode = figures.every(({ is, shouldBe }) => is === shouldBe) ? 0 : 1;
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await house.end();
}
process.exit();
