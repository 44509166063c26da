import { freshDatabase, freshRedis } from './index.ts';
const d = await freshDatabase(); const r = await freshRedis(); console.log(d.url + ' ' + r.url); process.exit(0);
