// Has the vendor's office issue the demonstration licence, once; prints the document that it gave out last.
import { Vendor } from '@nexora/sandbox-portal';
import { DEMO_LICENSE, DEMO_ORDER } from './license-order.ts';

const office = await Vendor.open(String(process.argv[2]));
const known = (await office.list()).find(({ license }) => license.id === DEMO_LICENSE);
const { envelope } = known ?? (await office.issue(DEMO_ORDER));
process.stdout.write(JSON.stringify(envelope));
