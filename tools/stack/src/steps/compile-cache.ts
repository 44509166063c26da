import { join } from 'node:path';
import { root } from '../home.ts';

/** Where Node keeps compiled code between runs: most of the memory and time of a start goes into stripping types. */
export const compileCache = join(root, '.cache', 'compile');
