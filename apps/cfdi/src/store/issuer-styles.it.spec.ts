import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cfdiKinds } from '@nexora/contracts';
import { enqueue } from '@nexora/outbox';
import { until } from '@nexora/testing';
import sharp from 'sharp';
import { CfdiHouse } from '../cfdi-house.conformance.ts';
import { isListo, LogoRefused } from '../representacion/logo.ts';
import { DEFAULT_STYLE, IssuerStyles } from './issuer-styles.ts';

let house: CfdiHouse;
let styles: IssuerStyles;
const rfc = 'EKU9003173C9';
const logo = (): Promise<Buffer> =>
  sharp({ create: { width: 900, height: 90, channels: 4, background: '#1f4e7980' } })
    .png()
    .toBuffer();

beforeAll(async () => {
  house = await CfdiHouse.open();
  styles = new IssuerStyles(house.admin);
}, 120_000);
afterAll(() => house.close());

describe('the style of an issuer', () => {
  it("is the house's until somebody sets it, and for an issuer that nobody knows", async () => {
    expect(await styles.find(rfc)).toEqual(DEFAULT_STYLE);
    expect(await styles.find('XAXX010101000')).toEqual(DEFAULT_STYLE);
  });

  it('keeps logo, colour and language, the logo as it prints best', async () => {
    await styles.putStyle(rfc, { logo: await logo(), color: '#AA3311', idioma: 'en' });
    const kept = await styles.find(rfc);
    expect(kept).toMatchObject({ color: '#aa3311', idioma: 'en' });
    expect(isListo(kept.logo!)).toBe(true);
    expect(await sharp(kept.logo!).metadata()).toMatchObject({ width: 660, height: 66 });
    await styles.putStyle(rfc, DEFAULT_STYLE);
    expect(await styles.find(rfc)).toEqual(DEFAULT_STYLE);
  });

  it('takes no logo that is no image, none that is cut, none above 512 kB', async () => {
    const put = (bytes: Buffer): Promise<void> => styles.putStyle(rfc, { ...DEFAULT_STYLE, logo: bytes });
    const whole = await logo();
    await expect(put(Buffer.from('<svg/>'))).rejects.toThrow(LogoRefused);
    await expect(put(whole.subarray(0, whole.length >> 1))).rejects.toThrow(LogoRefused);
    await expect(put(Buffer.alloc(512 * 1024 + 1))).rejects.toThrow(LogoRefused);
  });

  it('says which datum is wrong, also to whoever asks the database itself', async () => {
    const put = (values: unknown[]): Promise<unknown> =>
      house.admin.query({ text: 'SELECT agents.put_issuer_style($1, $2, $3, $4)', values });
    await expect(put([rfc, null, 'red', 'es'])).rejects.toMatchObject({ code: 'NX422' });
    await expect(put([rfc, null, null, 'fr'])).rejects.toMatchObject({ code: 'NX422' });
    await expect(put([rfc, Buffer.from('GIF89a'), null, 'es'])).rejects.toMatchObject({ code: 'NX422' });
    await expect(put(['XAXX010101000', null, null, 'es'])).rejects.toMatchObject({ code: 'NX404' });
  });
});

describe('the PDF of a stamped comprobante', () => {
  beforeAll(() => house.start(), 60_000);

  const pdfOf = async (id: string): Promise<string> => {
    const { pdf_key: key } = await house.status(id);
    return (await house.object(key!)).toString('latin1');
  };

  it("has the issuer's logo and language, and the mark once it is cancelled and drawn anew", async () => {
    await styles.putStyle(rfc, { logo: await logo(), color: '#aa3311', idioma: 'en' });
    const id = await house.submit();
    await house.becomes(id, 'listo');
    const before = await pdfOf(id);
    expect(before).toContain('/Lang (en)');
    expect(before).toContain('/Subtype /Image');
    await house.admin.transaction(async (tx) => {
      await tx.query({ text: `UPDATE cfdi.comprobante SET estado = 'cancelado' WHERE id = $1`, values: [id] });
      await enqueue(tx, cfdiKinds.render, { comprobanteId: id }, { scope: rfc });
    });
    await until(async () => (await pdfOf(id)) !== before, { within: 20_000, what: 'the PDF to be drawn anew' });
    expect((await house.status(id)).estado).toBe('cancelado');
  }, 60_000);
});
