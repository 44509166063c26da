// Hands the demonstration comprobantes over as the shop's own program would: one SQL call each, in one transaction.
// Called again it stores nothing: what has the externalId stays as it is, also when a later version sells other things.
import { text } from 'node:stream/consumers';
import { ejemploDeIngreso, type Documento } from '@nexora/comprobante';
import pg from 'pg';
import { DEMO_PREFIX, SALES, type SeedOrder } from './seed-order.ts';

async function submitOnce(shop: pg.Client, document: Documento): Promise<void> {
  const there = await shop.query('SELECT FROM agents.comprobante_status WHERE emisor = $1 AND external_id = $2', [
    document.emisor,
    document.externalId,
  ]);
  if (there.rowCount === 0) await shop.query('SELECT agents.submit_comprobante($1)', [JSON.stringify(document)]);
}

const order = JSON.parse(await text(process.stdin)) as SeedOrder;
const client = new pg.Client({ connectionString: order.url });
await client.connect();
try {
  await client.query('BEGIN');
  for (const [index, sale] of SALES.entries()) {
    const folio = String(index + 1);
    const conceptos = ejemploDeIngreso().conceptos?.map((concepto) => ({ ...concepto, ...sale }));
    const document = ejemploDeIngreso({ externalId: `${DEMO_PREFIX}${folio}`, serie: 'DEMO', folio, conceptos });
    await submitOnce(client, document);
  }
  await client.query('COMMIT');
} finally {
  await client.end();
}
