import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** Root of the repository. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Folder of what the test services keep; not under version control. */
export const testFolder = join(root, '.nexora', 'test');

/** File with the environment of the running services (mode 0600). */
export const environmentFile = join(testFolder, 'services.json');

/**
 * Where the daemon listens: a name in Linux's abstract namespace, so that the kernel itself knows whether it lives.
 * A connection to it is a lease: while there is one, the services stay.
 */
export const leaseAddress = `\0nexora-test-services:${root}`.slice(0, 107);
