import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWhen, satResource, satResources, until } from '@nexora/testing';
import { CfdiHouse } from '../cfdi-house.conformance.ts';

let house: CfdiHouse;

beforeAll(async () => {
  house = await CfdiHouse.open();
}, 120_000);
afterAll(() => house.close());

describeWhen(satResources)("an agent with the tax authority's schemas", () => {
  it('sends nothing that a schema refuses: a dead letter that is marked as the fault of the software', async () => {
    const folder = join(house.folder, 'sat');
    cpSync(satResource('www.sat.gob.mx'), join(folder, 'www.sat.gob.mx'), { recursive: true });
    const path = join(folder, 'www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd');
    const schema = readFileSync(path, 'utf8');
    rmSync(path);
    // Another schema than the one that our builder knows, as after a change by the tax authority.
    writeFileSync(path, schema.replace('fixed="4.0"', 'fixed="9.9"'));
    const agent = await house.start({ SAT_RESOURCES_DIR: folder });
    const id = await house.submit();
    const shown = await house.becomes(id, 'rechazado');
    expect(shown.error).toMatchObject({ code: 'cfdi.schema', field: 'Comprobante@Version' });
    expect(shown.error?.message).toMatch(/error del programa/);
    expect(await house.requests(id)).toEqual([]);
    const [job] = await house.sql('SELECT state FROM agents.job_listing WHERE id = $1', [shown.job_id]);
    expect(job).toMatchObject({ state: 'dead' });
    await agent.line(/"event":"comprobante-rejected".*"software":true/);
    const [row] = await house.sql('SELECT sealed, sha256 FROM cfdi.comprobante WHERE id = $1', [id]);
    expect(row).toEqual({ sealed: null, sha256: null });
    await house.stopAgents();
  }, 60_000);

  it('starts and stamps without them when the folder cannot be used', async () => {
    await house.start({ SAT_RESOURCES_DIR: join(house.folder, 'no-such-folder') });
    const id = await house.submit();
    await until(async () => (await house.status(id)).uuid !== null, { within: 30_000, what: `${id} to be stamped` });
  }, 60_000);
});
