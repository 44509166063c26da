// Lets Node run sources with decorators. The package's own entry looks itself up from the folder of the caller, who may
// stand anywhere.
import { register } from 'node:module';

register('@swc-node/register/esm', import.meta.url);
