import { attribute, childrenOf, descend, type XmlElement } from './document.ts';
import { Decimal } from './decimal.ts';
import { figure, type Payment } from './payment.ts';
import { Ratio } from './ratio.ts';
import { must, type RefusalCode } from './refusal.ts';
import { outsideLimits } from './sums.ts';

const withheldOf = (paid: XmlElement): XmlElement[] => descend(paid, 'ImpuestosDR', 'RetencionesDR', 'RetencionDR');
const passedOf = (paid: XmlElement): XmlElement[] => descend(paid, 'ImpuestosDR', 'TrasladosDR', 'TrasladoDR');

/** Rates that a tax may have; ranges by their end. */
function isRate(side: 'withheld' | 'passed', tax: XmlElement): boolean {
  const rate = figure(tax, 'TasaOCuotaDR');
  const upTo = (most: string): boolean => rate.compare(Decimal.of(most)) <= 0;
  const kind = attribute(tax, 'ImpuestoDR');
  if (kind === '003') return true;
  if (kind === '001') return side === 'withheld' && upTo('0.35');
  if (side === 'withheld') return upTo('0.16');
  return ['0', '0.08', '0.16'].some((one) => rate.equals(Decimal.of(one)));
}

function checkAmount(tax: XmlElement, code: RefusalCode): void {
  const [base, rate] = [figure(tax, 'BaseDR'), figure(tax, 'TasaOCuotaDR')];
  const exactRate = rate.rounded(Math.max(rate.scale, 12));
  must(!outsideLimits(figure(tax, 'ImporteDR'), base, exactRate), code, `${base} por ${rate}`);
}

function checkWithheld(tax: XmlElement): void {
  must(figure(tax, 'BaseDR').compare(Decimal.zero) > 0, 'CRP20249', 'BaseDR');
  must(attribute(tax, 'TipoFactorDR') !== 'Exento', 'CRP20252', 'TipoFactorDR');
  must(isRate('withheld', tax), 'CRP20253', attribute(tax, 'TasaOCuotaDR'));
  checkAmount(tax, 'CRP20254');
}

function checkPassed(tax: XmlElement): void {
  must(figure(tax, 'BaseDR').compare(Decimal.zero) > 0, 'CRP20255', 'BaseDR');
  const written = ['TasaOCuotaDR', 'ImporteDR'].filter((name) => tax.attributes.has(name)).length;
  if (attribute(tax, 'TipoFactorDR') === 'Exento') return must(written === 0, 'CRP20258', 'TrasladoDR');
  must(written === 2, 'CRP20259', 'TrasladoDR');
  must(isRate('passed', tax), 'CRP20260', attribute(tax, 'TasaOCuotaDR'));
  checkAmount(tax, 'CRP20261');
}

/** The taxes of one paid document, and whether its ObjetoImpDR lets it have them. */
export function checkTaxesOfDocument(paid: XmlElement): void {
  const object = attribute(paid, 'ObjetoImpDR');
  const present = childrenOf(paid, 'ImpuestosDR').length > 0;
  const [withheld, passed] = [withheldOf(paid), passedOf(paid)];
  const kinds = (taxes: readonly XmlElement[]): string[] => taxes.map((tax) => attribute(tax, 'ImpuestoDR'));
  must(object !== '02' || present, 'CRP20246', `ObjetoImpDR ${object}`);
  must(!['01', '03', '04', '05'].includes(object) || !present, 'CRP20247', `ObjetoImpDR ${object}`);
  must(!present || withheld.length + passed.length > 0, 'CRP20248', 'ImpuestosDR');
  const onlyIncomeTax = passed.length === 0 && kinds(withheld).every((kind) => kind === '001');
  must(!['06', '08'].includes(object) || onlyIncomeTax, 'CRP20278', `ObjetoImpDR ${object}`);
  const exciseAlone = kinds(passed).includes('003') && ![...kinds(passed), ...kinds(withheld)].includes('002');
  must(object !== '07' || exciseAlone, 'CRP20279', `ObjetoImpDR ${object}`);
  for (const tax of withheld) checkWithheld(tax);
  for (const tax of passed) checkPassed(tax);
}

/** What the documents add up to in the payment's currency, by tax. */
function sumsOf(
  payment: Payment,
  taxesOf: (paid: XmlElement) => XmlElement[],
  keyOf: (tax: XmlElement) => string,
  name: string,
): Map<string, Ratio> {
  const sums = new Map<string, Ratio>();
  for (const paid of payment.documents) {
    for (const tax of taxesOf(paid)) {
      const sum = sums.get(keyOf(tax)) ?? Ratio.zero;
      sums.set(keyOf(tax), sum.plus(Ratio.of(figure(tax, name), figure(paid, 'EquivalenciaDR', '1'))));
    }
  }
  return sums;
}

const rateOf = (rate: string | undefined): string => (rate === undefined ? '' : Decimal.of(rate).rounded(6).toString());
/** One line of the payment's summary: tax, and for what is passed on also factor and rate. */
export const keyOfPassed = (tax: XmlElement, end: 'DR' | 'P'): string =>
  [
    attribute(tax, `Impuesto${end}`),
    attribute(tax, `TipoFactor${end}`),
    rateOf(tax.attributes.get(`TasaOCuota${end}`)),
  ].join(' ');

function compare(sums: ReadonlyMap<string, Ratio>, written: ReadonlyMap<string, Decimal>, code: RefusalCode): void {
  for (const key of new Set([...sums.keys(), ...written.keys()])) {
    const [sum, figureOf] = [sums.get(key), written.get(key)];
    must(
      sum !== undefined && figureOf !== undefined && sum.isWrittenAs(figureOf),
      code,
      `${key}: ${figureOf ?? 'ausente'}`,
    );
  }
}

/** The summary of a payment's taxes against those of its documents. */
export function checkTaxesOfPayment(payment: Payment): void {
  const { withheld, passed } = payment;
  const withheldKeys = withheld.map((tax) => attribute(tax, 'ImpuestoP'));
  must(new Set(withheldKeys).size === withheld.length, 'CRP20263', 'RetencionP');
  const written = new Map(withheld.map((tax) => [attribute(tax, 'ImpuestoP'), figure(tax, 'ImporteP')]));
  compare(
    sumsOf(payment, withheldOf, (tax) => attribute(tax, 'ImpuestoDR'), 'ImporteDR'),
    written,
    'CRP20265',
  );
  const key = (tax: XmlElement): string => keyOfPassed(tax, 'DR');
  must(new Set(passed.map((tax) => keyOfPassed(tax, 'P'))).size === passed.length, 'CRP20271', 'TrasladoP');
  const bases = new Map(passed.map((tax) => [keyOfPassed(tax, 'P'), figure(tax, 'BaseP')]));
  compare(sumsOf(payment, passedOf, key, 'BaseDR'), bases, 'CRP20268');
  for (const tax of passed) {
    const isExempt = attribute(tax, 'TipoFactorP') === 'Exento';
    must(
      isExempt === !tax.attributes.has('ImporteP') && isExempt === !tax.attributes.has('TasaOCuotaP'),
      'CRP20266',
      'TrasladoP',
    );
  }
  const charged = (taxes: readonly XmlElement[]): XmlElement[] =>
    taxes.filter((tax) => !/Exento/.test(keyOfPassed(tax, 'P')));
  const amounts = new Map(charged(passed).map((tax) => [keyOfPassed(tax, 'P'), figure(tax, 'ImporteP')]));
  const chargedOf = (paid: XmlElement): XmlElement[] =>
    passedOf(paid).filter((tax) => attribute(tax, 'TipoFactorDR') !== 'Exento');
  compare(sumsOf(payment, chargedOf, key, 'ImporteDR'), amounts, 'CRP20274');
}
