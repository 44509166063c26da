import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { attributeOf, ejemploDeIngreso, readXml } from '@nexora/comprobante';
import { until, type NodeProcess } from '@nexora/testing';
import { CfdiHouse } from './cfdi-house.conformance.ts';

let house: CfdiHouse;
let agent: NodeProcess;

beforeAll(async () => {
  house = await CfdiHouse.open();
  agent = await house.start();
}, 120_000);
afterEach(async () => {
  await house.sandbox.client.pac('none');
  await house.sandbox.client.internet('restore');
});
afterAll(() => house.close());

describe('the CFDI agent', () => {
  it('takes a document from the shop to stamped XML and PDF in object storage', async () => {
    const id = await house.submit();
    const shown = await house.becomes(id, 'listo');
    expect(shown).toMatchObject({ total: '115.99', attempts: 1, error: null, motivo_espera: null, xml: null });
    expect(await house.stamps(id)).toEqual([shown.uuid]);
    const now = new Date().toISOString();
    expect(shown.xml_key).toBe(`cfdi/EKU9003173C9/${now.slice(0, 4)}/${now.slice(5, 7)}/${shown.uuid}.xml`);

    const xml = await house.object(shown.xml_key!);
    const { root } = readXml(xml);
    expect(attributeOf(root, 'Total')).toBe('115.99');
    expect(xml.toString()).toContain(`UUID="${shown.uuid}"`);
    const pdf = await house.object(shown.pdf_key!);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    const [{ events }] = (await house.sql(
      `SELECT count(*)::int AS events FROM agents.job_finished WHERE payload->>'comprobanteId' = $1`,
      [id],
    )) as [{ events: number }];
    expect(events).toBe(3);
  });

  it('needs neither serie nor folio on the way to storage', async () => {
    const id = await house.submit(house.document({ serie: undefined, folio: undefined }));
    expect((await house.becomes(id, 'listo')).pdf_key).not.toBeNull();
  });

  it('carries the addenda into the kept XML, after the stamp', async () => {
    const id = await house.submit(house.document({ addenda: '<orden xmlns="urn:cliente">4711</orden>' }));
    const { xml_key } = await house.becomes(id, 'listo');
    const text = (await house.object(xml_key!)).toString();
    expect(text).toMatch(
      /TimbreFiscalDigital[^]*<cfdi:Addenda><orden xmlns="urn:cliente">4711<\/orden><\/cfdi:Addenda>/,
    );
  });

  it('refuses what the rules refuse, in the words of the door, and never asks the PAC', async () => {
    const receptor = { ...ejemploDeIngreso().receptor, rfc: 'CACX7613101P8' };
    const id = await house.submit(house.document({ receptor, formaPago: 'XX' }));
    const { error, faults } = await house.becomes(id, 'rechazado');
    expect(error).toMatchObject({ code: 'cfdi.catalogue', field: 'formaPago' });
    expect(faults).toMatchObject([{ field: 'formaPago' }, { field: 'receptor.rfc', code: 'cfdi.pattern' }]);
    expect(await house.requests(id)).toEqual([]);
  });

  it('refuses an issuer that the house does not know', async () => {
    const id = await house.submit(house.document({ emisor: 'CACX7605101P8' }));
    expect((await house.becomes(id, 'rechazado')).error).toMatchObject({
      code: 'cfdi.unknown-issuer',
      field: 'emisor',
    });
  });

  it('stamps a refused one once it is mended: same id, sealed anew', async () => {
    const document = house.document({ formaPago: 'XX' });
    const id = await house.submit(document);
    await house.becomes(id, 'rechazado');
    await house.sql('SELECT agents.mend_comprobante($1, $2)', [id, JSON.stringify({ ...document, formaPago: '03' })]);
    const { uuid } = await house.becomes(id, 'listo');
    expect(await house.stamps(id)).toEqual([uuid]);
  });

  it("shows the PAC's refusal of data with field and remedy, and seals anew when a person retries", async () => {
    await house.sandbox.client.pac('code:CFDI40147', 1);
    const id = await house.submit();
    const { error } = await house.becomes(id, 'rechazado');
    expect(error).toMatchObject({ code: 'CFDI40147', field: 'receptor.domicilioFiscal' });
    expect(error?.message).toContain('CFDI40147');
    expect(error?.remedy).toMatch(/constancia/);
    await house.retry(id);
    await house.becomes(id, 'listo');
    const hashes = (await house.requests(id)).map(({ sha256 }) => sha256);
    expect(hashes).toHaveLength(2);
    expect(await house.outcomes(id)).toEqual(['refused', 'stamped']);
  });

  it('marks what the software built wrongly as such', async () => {
    await house.sandbox.client.pac('code:301', 1);
    const id = await house.submit();
    expect((await house.becomes(id, 'rechazado')).error?.message).toMatch(/error del programa/);
  });

  it.each(['drop-after', 'cut', 'wrong-sello'])(
    'gets the one stamp after "%s": the same bytes again, never others',
    async (misbehaviour) => {
      await house.sandbox.client.pac(misbehaviour, 1);
      const id = await house.submit();
      await house.becomesDoubtful(id);
      expect(await house.status(id)).toMatchObject({ estado: 'enviando', uuid: null });
      await house.retry(id);
      const { uuid } = await house.becomes(id, 'listo');
      expect(await house.stamps(id)).toEqual([uuid]);
      expect(new Set((await house.requests(id)).map(({ sha256 }) => sha256)).size).toBe(1);
      expect(await house.outcomes(id)).toEqual(['unknown', 'stamped']);
    },
  );

  it.each(['drop-before', '500', 'html'])('tries again after "%s" and is stamped once', async (misbehaviour) => {
    await house.sandbox.client.pac(misbehaviour, 1);
    const id = await house.submit();
    await house.becomesDoubtful(id);
    await house.retry(id);
    const { uuid } = await house.becomes(id, 'listo');
    expect(await house.stamps(id)).toEqual([uuid]);
  });

  it.each([
    ['waits for its next try', 'drop-after'],
    ['is at the PAC', 'delay:20000'],
  ])(
    'rests in review, the button named, when its job is cancelled while it %s; asked, it is stamped once',
    async (...at) => {
      const [, misbehaviour] = at;
      await house.sandbox.client.pac(misbehaviour, 1);
      const id = await house.submit();
      if (misbehaviour === 'drop-after') await house.becomesDoubtful(id);
      else await until(async () => (await house.stamps(id)).length === 1, { within: 20_000, what: 'the request' });
      await house.cancel(id);
      await house.pickUp();
      const { error } = await house.becomes(id, 'revision');
      expect(error).toMatchObject({ code: 'cfdi.unknown-outcome', field: null });
      expect(error?.remedy).toContain('«Reintentar»');
      await agent.line(new RegExp(`"event":"comprobante-in-review".*${id}`));
      expect(await house.requests(id)).toHaveLength(1);
      await house.retry(id);
      const { uuid } = await house.becomes(id, 'listo');
      expect(await house.stamps(id)).toEqual([uuid]);
    },
  );

  it('makes other bytes under its name in object storage a matter for a person, and keeps the stamp meanwhile', async () => {
    await house.sandbox.client.pac('delay:1500', 1);
    const id = await house.submit();
    await until(async () => (await house.stamps(id)).length === 1, { within: 20_000, what: 'the stamp' });
    const [uuid] = await house.stamps(id);
    const [year, month] = new Date().toISOString().split('-');
    const store = await house.storage();
    const key = `cfdi/EKU9003173C9/${year}/${month}/${uuid}.xml`;
    await store.put(key, Buffer.from('others'), { contentType: 'text/plain' });
    await house.becomes(id, 'timbrado');
    const job = `SELECT last_error FROM agents.job_listing WHERE kind = 'cfdi.store' AND state = 'dead' AND id = $1`;
    const find = async () => house.sql(job, [(await house.status(id)).job_id]);
    await until(async () => (await find()).length === 1, { within: 20_000, what: 'the dead letter' });
    expect(await find()).toMatchObject([{ last_error: { code: 'cfdi.storage' } }]);
    await store.delete(key);
    await house.retry(id);
    expect((await house.becomes(id, 'listo')).uuid).toBe(uuid);
  });

  it('waits while the line is away, burns no attempt, and goes on by itself', async () => {
    await house.sandbox.client.internet('cut');
    const id = await house.submit();
    await until(async () => (await house.outcomes(id)).includes('unsent'), {
      within: 20_000,
      what: 'a try without line',
    });
    expect(await house.status(id)).toMatchObject({ estado: 'en_espera', attempts: 0 });
    await house.sql(`SELECT agents.report_connectivity('offline')`);
    await house.sandbox.client.internet('restore');
    await house.sql(`SELECT agents.report_connectivity('online')`);
    const { uuid } = await house.becomes(id, 'listo', 60_000);
    expect(await house.stamps(id)).toEqual([uuid]);
    const [job] = await house.sql<{ attempts: number }>(
      `SELECT attempts FROM agents.job_listing WHERE payload->>'comprobanteId' = $1 AND kind = 'cfdi.stamp'`,
      [id],
    );
    expect(job?.attempts).toBe(1); // the one that went well
  }, 90_000);

  it('says that the clock is behind while it waits for it, and goes on once it is right', async () => {
    await house.sql(`SELECT agents.set_clock('-2 h')`);
    const id = await house.submit();
    expect(await house.status(id)).toMatchObject({
      estado: 'en_espera',
      motivo_espera: 'El reloj de este equipo está atrasado',
    });
    await house.sql('SELECT agents.set_clock(NULL)');
    await house.becomes(id, 'listo');
  });

  it('stops the issuer, not its comprobantes, when the account has no stamps left; one retry brings all back', async () => {
    await house.sandbox.client.pac('no-stamps');
    const id = await house.submit();
    const shown = await house.becomes(id, 'en_espera');
    expect(shown.motivo_espera).toMatch(/^Emisor en pausa: La cuenta del PAC no puede timbrar/);
    const other = await house.submit();
    expect((await house.status(other)).estado).toBe('en_espera');
    await house.sandbox.client.pac('none');
    await house.retry(id);
    await house.becomes(id, 'listo');
    await house.becomes(other, 'listo');
    const [issuer] = await house.sql('SELECT paused_at FROM cfdi.issuer');
    expect(issuer).toEqual({ paused_at: null });
    expect(agent.output.match(/"event":"issuer-paused"/g)).toHaveLength(1);
  });

  it('brings the others that were refused with it along at once when a paused issuer goes on', async () => {
    await house.sandbox.client.pac('no-stamps');
    const documents = Array.from({ length: 3 }, () => JSON.stringify(house.document()));
    const text = 'SELECT agents.submit_comprobante(d) AS id FROM unnest($1::jsonb[]) AS d';
    const ids = (await house.sql<{ id: string }>(text, [documents])).map(({ id }) => id);
    for (const id of ids) await house.becomesRefused(id);
    await house.sandbox.client.pac('none');
    await house.retry(ids[0]!);
    for (const id of ids) await house.becomes(id, 'listo');
  });

  it('stamps a hundred handed over in one transaction, each exactly once, no UUID twice', async () => {
    const documents = Array.from({ length: 100 }, () => house.document());
    const ids = await house.admin.transaction(async (tx) => {
      const all: string[] = [];
      for (const document of documents) {
        const [row] = await tx.query<{ id: string }>({
          text: 'SELECT agents.submit_comprobante($1) AS id',
          values: [JSON.stringify(document)],
        });
        all.push(row!.id);
      }
      return all;
    });
    await until(
      async () => {
        const rows = await house.sql(`SELECT FROM agents.comprobante_status WHERE estado = 'listo' AND id = ANY ($1)`, [
          ids,
        ]);
        return rows.length === ids.length;
      },
      { within: 90_000, what: 'a hundred comprobantes to be ready' },
    );
    const log = (await house.sandbox.client.log()).filter(({ customid }) => ids.includes(customid ?? ''));
    expect(log).toHaveLength(100);
    expect(new Set(log.map(({ uuid }) => uuid)).size).toBe(100);
  }, 120_000);

  it('tells no RFC, name, e-mail or password in its log', () => {
    expect(agent.output).toContain('comprobante-stamped');
    expect(agent.output).not.toMatch(/EKU9003173C9|CACX7605101P8|XOCHILT|cliente@example|BEGIN|password/i);
  });
});
