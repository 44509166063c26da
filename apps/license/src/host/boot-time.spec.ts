import { expect, it } from '@jest/globals';
import { bootTimeOfHost } from './boot-time.ts';
import { hostTree } from './host-tree.conformance.ts';

it('goes on, and keeps its boot while the machine does', () => {
  const [first, second] = [bootTimeOfHost().read(), bootTimeOfHost().read()];
  expect(second.bootMs).toBeGreaterThanOrEqual(first.bootMs);
});

it('tells the boot by the kernel’s own id, the same for each process', () => {
  const tree = hostTree({ '/boot_id': '0b5c1f0e-6a53-4a1e-9d58-6f7c3f1f4f2a\n' });
  expect(bootTimeOfHost(`${tree.root}/boot_id`).read().bootId).toBe('0b5c1f0e-6a53-4a1e-9d58-6f7c3f1f4f2a');
  tree.end();
});

it('counts for itself where the kernel tells none', () => {
  const ids = ['/nowhere', '/nowhere'].map((path) => bootTimeOfHost(path).read().bootId);
  expect(new Set(ids).size).toBe(2);
});
