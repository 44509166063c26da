import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DAY_MS, DeskHouse, licenseAt, TestVendor } from './desk-house.conformance.ts';
import { itWhen, smallDisk } from '@nexora/testing';

let house: DeskHouse;

beforeAll(async () => {
  house = await DeskHouse.open();
}, 60_000);

afterAll(() => house.close());

beforeEach(() => house.reset());

describe('a licence that a person brings', () => {
  it('is decided and stored before the call ends', async () => {
    const at = await house.now();
    const installed = await house.desk().install(JSON.stringify(house.vendor.license(licenseAt(at))));
    expect(installed).toEqual({
      took: 'license',
      same: false,
      renewed: true,
      mode: 'valid',
      reason: null,
      graceDaysLeft: null,
      message: 'La licencia está vigente.',
      refusal: null,
    });
    expect(await house.desk().show()).toMatchObject({
      id: 'LIC-1',
      customer: 'Escuela Kemper Urgate',
      rfc: 'EKU9003173C9',
      mode: 'valid',
      reason: null,
      graceDaysLeft: null,
      validUntil: new Date(at.getTime() + 30 * DAY_MS).toISOString(),
      waits: [{ kind: 'license.sending', waiting: 0 }],
    });
    expect(await house.told()).toEqual(['mode:valid']);
    expect(await house.history()).toEqual(['mode', 'document', 'clock']);
  });

  it('stands in the folder as well, for this user only', async () => {
    const envelope = house.vendor.license(licenseAt(await house.now()));
    await house.desk().install(JSON.stringify(envelope));
    const kept = JSON.parse(await readFile(join(house.dir, 'state.json'), 'utf8')) as { document: unknown };
    expect(kept.document).toEqual(envelope);
    expect((await stat(join(house.dir, 'state.json'))).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['of another key', 'unknown key', (at: Date) => new TestVendor().license(licenseAt(at))],
    [
      'with one bit changed',
      'bad signature',
      (at: Date, { vendor }: DeskHouse) => {
        const envelope = vendor.license(licenseAt(at));
        const bytes = Buffer.from(envelope.payload, 'base64');
        bytes[10] = (bytes[10] ?? 0) ^ 1;
        return { ...envelope, payload: bytes.toString('base64') };
      },
    ],
    [
      'that has expired',
      'file expired',
      (at: Date, { vendor }: DeskHouse) => vendor.license(licenseAt(new Date(at.getTime() - 31 * DAY_MS))),
    ],
    [
      'of the future',
      'from the future',
      (at: Date, { vendor }: DeskHouse) => vendor.license(licenseAt(new Date(at.getTime() + 360_000))),
    ],
  ] as const)('is refused when it is one %s, and nothing changes', async (_, reason, make) => {
    const at = await house.now();
    const desk = house.desk();
    await desk.install(JSON.stringify(house.vendor.license(licenseAt(new Date(at.getTime() - DAY_MS)))));
    const before = await desk.show();
    await expect(desk.install(JSON.stringify(make(at, house)))).rejects.toMatchObject({ name: 'Refused', reason });
    expect(await desk.show()).toEqual(before);
    expect(await house.told()).toEqual(['mode:valid']);
  });
});

describe('a licence in daily life', () => {
  it('goes valid, grace, limited by the days, and each change is told once', async () => {
    const desk = house.desk();
    await desk.install(JSON.stringify(house.vendor.license(licenseAt(await house.now()))));
    await house.pass(30 * DAY_MS + 1_000);
    expect(await desk.cycle.run('hour')).toMatchObject({ mode: 'grace', reason: 'file expired', graceDaysLeft: 7 });
    await house.pass(DAY_MS);
    expect(await desk.cycle.run('hour')).toMatchObject({ mode: 'grace', graceDaysLeft: 6 });
    await house.pass(6 * DAY_MS);
    expect(await desk.cycle.run('hour')).toMatchObject({ mode: 'limited', graceDaysLeft: 0 });
    await desk.cycle.run('hour');
    expect(await house.told()).toEqual(['mode:valid', 'mode:grace', 'mode:limited']);
  });

  it('is not turned back by an emptied table, nor by a lost folder', async () => {
    const desk = house.desk();
    await desk.install(JSON.stringify(house.vendor.license(licenseAt(await house.now()))));
    await house.pass(20 * DAY_MS);
    await desk.cycle.run('hour');
    await house.owner.query({ text: 'DELETE FROM license.state' });
    expect(await desk.cycle.run('hour')).toMatchObject({ mode: 'valid' });
    await rm(house.dir, { recursive: true });
    expect(await desk.cycle.run('hour')).toMatchObject({ mode: 'valid' });
    expect(JSON.parse(await readFile(join(house.dir, 'state.json'), 'utf8'))).toMatchObject({ document: {} });
  });

  it('goes on with a folder that cannot be written, and says so', async () => {
    await writeFile(house.dir, 'a file stands where the folder should be');
    const installed = await house.desk().install(JSON.stringify(house.vendor.license(licenseAt(await house.now()))));
    expect(installed.mode).toBe('valid');
    expect(house.lines).toContainEqual(expect.objectContaining({ event: 'license-folder-failed', doing: 'write' }));
  });

  const disk = smallDisk(1);
  itWhen({ met: !('skipped' in disk), otherwise: 'skipped' in disk ? disk.skipped : '' })(
    'goes on while the disk is full, and mends the file when there is room',
    async () => {
      if ('skipped' in disk) return;
      try {
        const desk = house.desk({ LICENSE_DIR: join(disk.path, 'license') });
        await desk.install(JSON.stringify(house.vendor.license(licenseAt(await house.now()))));
        disk.fill();
        const next = house.vendor.license(licenseAt(await house.now(), { plan: 'next' }));
        expect(await desk.install(JSON.stringify(next))).toMatchObject({ mode: 'valid', same: false });
        expect(house.lines).toContainEqual(expect.objectContaining({ event: 'license-folder-failed', doing: 'write' }));
        const text = () => readFile(join(disk.path, 'license', 'state.json'), 'utf8');
        expect(JSON.parse(await text())).not.toMatchObject({ document: next });
        expect(await desk.show()).toMatchObject({ plan: 'next' });
        disk.empty();
        await desk.cycle.run('hour');
        expect(JSON.parse(await text())).toMatchObject({ document: next });
      } finally {
        disk.end();
      }
    },
  );
});

describe('what the operator is told', () => {
  it('is days left and mode as metrics', async () => {
    const desk = house.desk();
    await desk.install(JSON.stringify(house.vendor.license(licenseAt(await house.now()))));
    await house.pass(31 * DAY_MS);
    await desk.cycle.run('hour');
    const metrics = await house.telemetry.metrics();
    for (const line of [
      'nexora_license_days_left{lifetime="contract",agent="license"} 333',
      'nexora_license_days_left{lifetime="file",agent="license"} -2',
      'nexora_license_mode{mode="grace",agent="license"} 1',
      'nexora_license_mode{mode="valid",agent="license"} 0',
      'nexora_license_checks_total{agent="license"} 2',
    ]) {
      expect(metrics).toContain(line);
    }
  });

  it('never names a customer, an RFC, a nonce, a binding or an envelope', async () => {
    const desk = house.desk();
    const envelope = house.vendor.license(licenseAt(await house.now()));
    await desk.install(JSON.stringify(envelope));
    const { nonce, binding } = await desk.request();
    await expect(desk.install(JSON.stringify(new TestVendor().license({})))).rejects.toMatchObject({ name: 'Refused' });
    await house.moveClock(-60 * DAY_MS);
    await desk.cycle.run('hour');
    const told = JSON.stringify(house.lines);
    for (const secret of ['Kemper', 'EKU9003173C9', nonce, ...binding, envelope.payload, envelope.signature]) {
      expect(told).not.toContain(secret);
    }
  });
});
