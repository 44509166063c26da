// Issues licences and turns keys until it is killed: a test of kill -9 runs it.
import { Vendor } from './vendor.ts';

const vendor = await Vendor.open(process.argv[2] ?? '');
for (let count = 1; ; count += 1) {
  const { id } = await vendor.issue({ customer: 'Tienda', rfc: 'EKU9003173C9' });
  console.log(`issued ${id}`);
  if (count % 4 === 0) await vendor.rotate();
}
