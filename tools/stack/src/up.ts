// The supervisor stays for months: it goes on in this very process, under the flags that keep it small and with code
// compiled before. (npm gives us neither.)
import { shippedNodeFlags } from '@nexora/embedded/node-flags';
import { compileCache } from './steps/compile-cache.ts';

const [node = process.execPath, ...args] = process.argv;
if (process.env['NODE_COMPILE_CACHE'] === undefined && typeof process.execve === 'function') {
  process.execve(node, [node, ...shippedNodeFlags, ...process.execArgv, ...args], {
    ...process.env,
    NODE_COMPILE_CACHE: compileCache,
  });
}
await import('./up-command.ts');
