import { attribute, childrenOf, descend, type XmlElement } from './document.ts';
import { Decimal } from './decimal.ts';
import { Refusal, type RefusalCode } from './refusal.ts';

/** Currencies whose amounts do not have two decimals (catalogue c_Moneda). */
const decimalsByCurrency = new Map<string, number>([
  ...'BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF XXX'
    .split(' ')
    .map((code) => [code, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3] as const),
  ['CLF', 4],
]);

/** Decimals of a currency's amounts. */
export function decimalsOf(currency: string): number {
  return decimalsByCurrency.get(currency) ?? 2;
}

function refuse(code: RefusalCode, detail: string): never {
  throw new Refusal(code, detail);
}

function amount(element: XmlElement, name: string): Decimal {
  return Decimal.of(element.attributes.get(name)?.trim());
}

/** The tax authority's limits: the product may differ by what the last written places of its factors leave open. */
export function outsideLimits(figure: Decimal, left: Decimal, right: Decimal): boolean {
  const low = left.minus(left.halfPlace).times(right.minus(right.halfPlace)).truncated(figure.scale);
  const high = left.plus(left.halfPlace).times(right.plus(right.halfPlace)).ceiled(figure.scale);
  return figure.compare(low) < 0 || figure.compare(high) > 0;
}

function checkConcept(concept: XmlElement, priced: boolean): void {
  const quantity = amount(concept, 'Cantidad');
  const price = amount(concept, 'ValorUnitario');
  const total = amount(concept, 'Importe');
  if (priced && price.equals(Decimal.zero)) refuse('CFDI40166', `ValorUnitario ${price}`);
  if (outsideLimits(total, quantity, price)) refuse('CFDI40167', `${quantity} por ${price} no da ${total}`);
  const discount = concept.attributes.get('Descuento');
  if (discount === undefined) return;
  if (!priced) refuse('CFDI40111', 'Un concepto lleva Descuento');
  if (amount(concept, 'Descuento').scale > total.scale) refuse('CFDI40168', `Descuento ${discount}, Importe ${total}`);
  if (amount(concept, 'Descuento').compare(total) > 0) refuse('CFDI40169', `Descuento ${discount}, Importe ${total}`);
}

function checkTax(tax: XmlElement): void {
  const base = amount(tax, 'Base');
  if (base.compare(Decimal.zero) <= 0) refuse('CFDI40174', `Base ${base}`);
  const exempt = attribute(tax, 'TipoFactor') === 'Exento';
  const complete = tax.attributes.has('TasaOCuota') && tax.attributes.has('Importe');
  if (exempt ? tax.attributes.has('TasaOCuota') || tax.attributes.has('Importe') : !complete) {
    refuse('CFDI40174', `TipoFactor ${attribute(tax, 'TipoFactor')} con o sin TasaOCuota e Importe`);
  }
  if (exempt) return;
  const rate = amount(tax, 'TasaOCuota');
  const figure = amount(tax, 'Importe');
  const exactRate = rate.rounded(Math.max(rate.scale, 12));
  if (outsideLimits(figure, base, exactRate)) refuse('CFDI40181', `${base} por ${rate} no da ${figure}`);
}

function checkConceptTaxes(concept: XmlElement): void {
  const object = attribute(concept, 'ObjetoImp');
  const taxes = descend(concept, 'Impuestos');
  if (object === '02' && taxes.length === 0) refuse('CFDI40171', `ObjetoImp ${object}`);
  if (['01', '03', '05'].includes(object) && taxes.length > 0) refuse('CFDI40172', `ObjetoImp ${object}`);
  for (const tax of descend(concept, 'Impuestos', 'Traslados', 'Traslado')) checkTax(tax);
  for (const tax of descend(concept, 'Impuestos', 'Retenciones', 'Retencion')) checkTax(tax);
}

type Grouping = (tax: XmlElement) => string;
const byRate: Grouping = (tax) => [attribute(tax, 'Impuesto'), attribute(tax, 'TipoFactor'), rateKey(tax)].join(' ');
const byTax: Grouping = (tax) => attribute(tax, 'Impuesto');

function rateKey(tax: XmlElement): string {
  const rate = tax.attributes.get('TasaOCuota');
  return rate === undefined ? '' : Decimal.of(rate).rounded(6).toString();
}

function sumsBy(taxes: readonly XmlElement[], grouping: Grouping, name: string): Map<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const tax of taxes) {
    const key = grouping(tax);
    sums.set(key, (sums.get(key) ?? Decimal.zero).plus(amount(tax, name)));
  }
  return sums;
}

interface SummaryPart {
  readonly lines: readonly XmlElement[];
  readonly summary: readonly XmlElement[];
  readonly grouping: Grouping;
  readonly figures: readonly string[];
  readonly code: RefusalCode;
}

function checkSummaryPart(part: SummaryPart, decimals: number): void {
  for (const figure of part.figures) {
    const expected = sumsBy(part.lines, part.grouping, figure);
    const found = sumsBy(part.summary, part.grouping, figure);
    if (found.size !== part.summary.length) refuse(part.code, 'Un mismo impuesto aparece dos veces en el resumen');
    for (const key of new Set([...expected.keys(), ...found.keys()])) {
      const due = expected.get(key)?.rounded(decimals);
      const written = found.get(key);
      if (due === undefined || written === undefined || !due.equals(written) || written.scale > decimals) {
        refuse(part.code, `${figure} de ${key}: resumen ${written ?? 'ausente'}, conceptos ${due ?? 'ausente'}`);
      }
    }
  }
}

function checkSummary(root: XmlElement, decimals: number): { transferred: Decimal; withheld: Decimal } {
  const line = (...path: string[]): XmlElement[] => descend(root, 'Conceptos', 'Concepto', 'Impuestos', ...path);
  const [taxes] = childrenOf(root, 'Impuestos');
  const summaryOf = (...path: string[]): XmlElement[] => (taxes === undefined ? [] : descend(taxes, ...path));
  const transfers = summaryOf('Traslados', 'Traslado');
  const withholdings = summaryOf('Retenciones', 'Retencion');
  const transferParts = { lines: line('Traslados', 'Traslado'), summary: transfers, grouping: byRate };
  const withheldParts = { lines: line('Retenciones', 'Retencion'), summary: withholdings, grouping: byTax };
  checkSummaryPart({ ...transferParts, figures: ['Importe', 'Base'], code: 'CFDI40221' }, decimals);
  checkSummaryPart({ ...withheldParts, figures: ['Importe'], code: 'CFDI40215' }, decimals);
  const transferred = Decimal.sum(transfers.map((tax) => amount(tax, 'Importe')));
  const withheld = Decimal.sum(withholdings.map((tax) => amount(tax, 'Importe')));
  const total = (name: string): Decimal => (taxes === undefined ? Decimal.zero : amount(taxes, name));
  if (!total('TotalImpuestosTrasladados').equals(transferred)) refuse('CFDI40205', `La suma es ${transferred}`);
  if (!total('TotalImpuestosRetenidos').equals(withheld)) refuse('CFDI40204', `La suma es ${withheld}`);
  return { transferred, withheld };
}

/** SubTotal, Descuento, Total, each line and the tax summary. Errors: Refusal with the code of the figure that fails. */
export function checkSums(root: XmlElement): void {
  const decimals = decimalsOf(attribute(root, 'Moneda'));
  const priced = ['I', 'E'].includes(attribute(root, 'TipoDeComprobante'));
  const concepts = descend(root, 'Conceptos', 'Concepto');
  const [subTotal, discount, total] = [amount(root, 'SubTotal'), amount(root, 'Descuento'), amount(root, 'Total')];
  if (subTotal.scale > decimals) refuse('CFDI40107', `SubTotal ${subTotal}`);
  if (discount.scale > decimals) refuse('CFDI40112', `Descuento ${discount}`);
  for (const concept of concepts) {
    checkConcept(concept, priced);
    checkConceptTaxes(concept);
  }
  const lines = Decimal.sum(concepts.map((concept) => amount(concept, 'Importe'))).rounded(decimals);
  if (priced && !lines.equals(subTotal)) refuse('CFDI40108', `SubTotal ${subTotal}, conceptos ${lines}`);
  if (!priced && !subTotal.equals(Decimal.zero)) refuse('CFDI40109', `SubTotal ${subTotal}`);
  const discounts = Decimal.sum(concepts.map((concept) => amount(concept, 'Descuento'))).rounded(decimals);
  if (!discounts.equals(discount) || discount.compare(subTotal) > 0) {
    refuse('CFDI40110', `Descuento ${discount}, conceptos ${discounts}, SubTotal ${subTotal}`);
  }
  const { transferred, withheld } = checkSummary(root, decimals);
  const due = subTotal.minus(discount).plus(transferred).minus(withheld);
  if (!due.equals(total) || total.scale > decimals) refuse('CFDI40119', `Total ${total}, se calcula ${due}`);
}
