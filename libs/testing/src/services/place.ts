import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Folder of what the test services keep; not under version control. NEXORA_TEST_FOLDER: another set of services. */
export const testFolder = process.env['NEXORA_TEST_FOLDER'] ?? join(root, '.nexora', 'test');

/** File with the environment of the running services (mode 0600). */
export const environmentFile = join(testFolder, 'services.json');

/**
 * Where the daemon listens: a name in Linux's abstract namespace, so that the kernel itself knows whether it lives.
 * A connection to it is a lease: while there is one, the services stay.
 */
export const leaseAddress = `\0nexora-test-${createHash('sha256').update(testFolder).digest('hex').slice(0, 32)}`;
