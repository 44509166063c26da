import { elementsOf, type XmlElement } from '@nexora/comprobante';
import type { Balance, Stamps } from './balance.ts';
import type { FinkokService } from './finkok.service.ts';
import { textOf } from './soap.ts';

/** Stamps left at Finkok (`report_credit`, service `utilities`): each issuer has an account of its own. */
export async function finkokBalance(
  service: FinkokService,
  rfcs: readonly string[],
  signal: AbortSignal,
): Promise<Balance> {
  const stamps: Stamps[] = [];
  for (const rfc of rfcs) {
    const heard = await service.call('utilities', 'report_credit', { taxpayer_id: rfc }, signal);
    if (heard.kind !== 'heard') return heard;
    const left = creditIn(heard.result);
    if (left === undefined) {
      const message = service.harmless(textOf(heard.result, 'error'));
      return { kind: 'refused', code: 'no-credit', message: message || 'Finkok no dijo cuántos timbres quedan.' };
    }
    stamps.push({ rfc, left });
  }
  return { kind: 'known', stamps };
}

/** The youngest credit in a report; `undefined` when it tells none. */
function creditIn(result: XmlElement): number | undefined {
  const reports = descendants(result, 'ReportTotalCredit')
    .map((one) => ({ date: textOf(one, 'date'), credit: Number(textOf(one, 'credit') || Number.NaN) }))
    .filter(({ credit }) => Number.isInteger(credit))
    .toSorted((a, b) => a.date.localeCompare(b.date));
  return reports.at(-1)?.credit;
}

function descendants(element: XmlElement, local: string): XmlElement[] {
  return elementsOf(element).flatMap((child) => [
    ...(child.local === local ? [child] : []),
    ...descendants(child, local),
  ]);
}
