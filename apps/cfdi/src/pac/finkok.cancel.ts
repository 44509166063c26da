import { elementsOf, type XmlElement } from '@nexora/comprobante';
import { estatusEnAcuse } from '../cancelacion/acuse.ts';
import type { CancelAnswer, CancelRequest } from './cancel-answer.ts';
import { cancelCodeIn, speaksOfTheRequest } from './cancel-codes.ts';
import { cancelVerdict } from './cancel-verdict.ts';
import type { FinkokService } from './finkok.service.ts';
import { textOf } from './soap.ts';

/** Cancels through Finkok with the document signed here (`cancel_signature`, service `cancel`). */
export async function finkokCancel(
  service: FinkokService,
  { uuid, signed }: CancelRequest,
  signal: AbortSignal,
): Promise<CancelAnswer> {
  // store_pending: Finkok would keep what the tax authority does not take and try it by itself; retries are ours.
  const fields = { xml: signed.toString('base64'), store_pending: 'false' };
  const heard = await service.call('cancel', 'cancel_signature', fields, signal);
  if (heard.kind !== 'heard') return heard;
  const { result, skewMs } = heard;
  const acuse = textOf(result, 'Acuse');
  const status = textOf(result, 'CodEstatus');
  const byFolio = folios(result).find((one) => textOf(one, 'UUID').toLowerCase() === uuid.toLowerCase());
  const estatus = byFolio === undefined ? '' : textOf(byFolio, 'EstatusUUID');
  const code = cancelCodeIn(estatus) ?? estatusEnAcuse(acuse, uuid) ?? cancelCodeIn(status) ?? 'no-code';
  const said = service.harmless(status, byFolio === undefined ? '' : textOf(byFolio, 'EstatusCancelacion'));
  // Its services answer every refusal with 200, in a whole answer of the operation.
  const answer = cancelVerdict(code, said, acuse === '' ? null : acuse, speaksOfTheRequest(code));
  return skewMs === undefined ? answer : { ...answer, skewMs };
}

function folios(result: XmlElement): XmlElement[] {
  return elementsOf(result)
    .filter(({ local }) => local === 'Folios')
    .flatMap(elementsOf);
}
