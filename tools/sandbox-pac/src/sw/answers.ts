import type { Outcome } from '../pac/pac.ts';
import { attribute, childrenOf, parse } from '../pac/document.ts';
import { refusals, type Refusal } from '../pac/refusal.ts';
import type { Stamp } from '../pac/timbre.ts';

/** How much of a timbre the answer carries: the last part of the stamping path. */
export type Version = 'v1' | 'v2' | 'v3' | 'v4';

/** Body of every answer of the service. */
export interface SwBody {
  readonly status: 'success' | 'error';
  readonly message?: string;
  readonly messageDetail?: string | null;
  readonly data: unknown;
}

const verification = 'https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx';

/** What the QR says. The real service answers a picture in base64; here it is this text in base64, which costs nothing. */
function verificationUrl({ uuid, cfdi, selloCFDI }: Stamp): string {
  const { root } = parse(Buffer.from(cfdi, 'utf8'));
  const rfc = (party: string): string =>
    encodeURIComponent(childrenOf(root, party).map((node) => attribute(node, 'Rfc'))[0] ?? '');
  const query = `id=${uuid}&re=${rfc('Emisor')}&rr=${rfc('Receptor')}&tt=${attribute(root, 'Total')}&fe=${selloCFDI.slice(-8)}`;
  return `${verification}?${query}`;
}

/** `data` of a timbre in the version asked for. */
function dataOf(stamp: Stamp, version: Version): Record<string, string> {
  const { tfd, cfdi } = stamp;
  switch (version) {
    case 'v1':
      return { tfd };
    case 'v2':
      return { tfd, cfdi };
    case 'v3':
      return { cfdi };
    case 'v4':
      return {
        cadenaOriginalSAT: stamp.cadenaOriginalSAT,
        noCertificadoSAT: stamp.noCertificadoSAT,
        noCertificadoCFDI: stamp.noCertificadoCFDI,
        uuid: stamp.uuid,
        selloSAT: stamp.selloSAT,
        selloCFDI: stamp.selloCFDI,
        fechaTimbrado: stamp.fechaTimbrado,
        qrCode: Buffer.from(verificationUrl(stamp), 'utf8').toString('base64'),
        cfdi,
      };
  }
}

/** An error of the service: `CODE - sentence`, the detail beside it. */
export function errorBody(refusal: Refusal): SwBody {
  return { status: 'error', message: refusal.message, messageDetail: refusal.detail, data: null };
}

/** HTTP status and body of an outcome. Errors come with 400, a repeated timbre too, with the first one in `data`. */
export function answerTo(outcome: Outcome, version: Version): { status: number; body: SwBody } {
  switch (outcome.kind) {
    case 'stamped':
      return { status: 200, body: { status: 'success', data: dataOf(outcome.stamp, version) } };
    case 'repeated':
    case 'repeated-unread':
    case 'carries-timbre': {
      const data = outcome.kind === 'repeated' ? dataOf(outcome.stamp, version) : null;
      return { status: 400, body: { status: 'error', message: `307. ${refusals['307']}`, messageDetail: '', data } };
    }
    case 'customid-taken': {
      const message = `CFDI3307 - ${refusals.CFDI3307}`;
      // The timbre alone, as the service does in every version: whoever wants the document looks it up by its UUID.
      const data = { tfd: outcome.stamp.tfd };
      return { status: 400, body: { status: 'error', message, messageDetail: '', data } };
    }
    case 'refused':
      return { status: 400, body: errorBody(outcome.refusal) };
  }
}
