import { describe, expect, it } from '@jest/globals';
import { Permanent, type Job } from '@nexora/agent';
import type { CfdiKinds } from '@nexora/contracts';
import { Failpoint } from '../failpoint.ts';
import type { Artefacts } from '../store/artefacts.ts';
import type { Comprobantes } from '../store/comprobantes.ts';
import type { IssuerStyles } from '../store/issuer-styles.ts';
import { Undrawable, type Press, type PressStyle } from '../store/press.ts';
import { RenderHandler } from './render.handler.ts';

const style = { logo: Buffer.from('logo'), color: '#aa3311', idioma: 'en' } as const;

/** Runs the handler for a stored comprobante with a press of the test's own. */
async function render(draw: Press['draw'], { attempts = 0, estado = 'almacenado' } = {}): Promise<unknown> {
  const row = { id: 'c', emisor: 'EKU9003173C9', uuid: 'u', xmlKey: 'c.xml', estado };
  const handler = new RenderHandler(
    {
      find: () => Promise.resolve(row),
      keepPdf: (...values: unknown[]) => ({ text: 'keep_pdf', values }),
    } as unknown as Comprobantes,
    { xml: () => Promise.resolve(Buffer.from('<a/>')), putPdf: () => Promise.resolve('c.pdf') } as unknown as Artefacts,
    { find: () => Promise.resolve(style) } as unknown as IssuerStyles,
    { draw } as unknown as Press,
    new Failpoint(''),
  );
  const job = {
    attempts,
    payload: { comprobanteId: 'c' },
    traceparent: null,
    finish: (effect: unknown, result: unknown) => Promise.resolve({ effect, result }),
  };
  return handler.handle(job as unknown as Job<CfdiKinds['render']>);
}

describe('drawing the PDF of a stored comprobante', () => {
  it("has the issuer's style, and the mark when it is cancelled", async () => {
    const styles: PressStyle[] = [];
    const draw: Press['draw'] = (_, given) => {
      styles.push(given);
      return Promise.resolve(Buffer.from('%PDF-'));
    };
    expect(await render(draw)).toEqual({
      effect: { text: 'keep_pdf', values: ['c', 'c.pdf', null] },
      result: { key: 'c.pdf', bytes: 5 },
    });
    await render(draw, { estado: 'cancelado' });
    expect(styles).toEqual([
      { ...style, isCancelled: false },
      { ...style, isCancelled: true },
    ]);
  });

  it('is for a person at once when the document cannot be drawn, with the reason', async () => {
    const draw: Press['draw'] = () => Promise.reject(new Undrawable('El comprobante no está timbrado.'));
    const fate = await render(draw).catch((error: unknown) => error);
    expect(fate).toBeInstanceOf(Permanent);
    expect(fate).toMatchObject({ code: 'cfdi.undrawable', detail: 'El comprobante no está timbrado.' });
  });

  it('is tried again when the process that draws died, but not for ever', async () => {
    const draw: Press['draw'] = () => Promise.reject(new Error('The process that draws PDFs ended.'));
    await expect(render(draw, { attempts: 4 })).rejects.not.toBeInstanceOf(Permanent);
    await expect(render(draw, { attempts: 5 })).rejects.toMatchObject({ code: 'cfdi.undrawable' });
  });
});
