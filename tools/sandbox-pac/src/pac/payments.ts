import { attribute, childrenOf, descend, namespaces, type XmlElement } from './document.ts';
import { Decimal } from './decimal.ts';
import { checkBanks } from './payment-banks.ts';
import { figure, paymentsOf, type Payment } from './payment.ts';
import { checkTaxesOfDocument, checkTaxesOfPayment, keyOfPassed } from './payment-taxes.ts';
import { Ratio } from './ratio.ts';
import { must, type RefusalCode } from './refusal.ts';
import { decimalsOf } from './sums.ts';

/** The head of a comprobante that tells of payments says nothing of its own. */
function checkHead(root: XmlElement): void {
  const fixed: [code: RefusalCode, name: string, value: string | undefined][] = [
    ['CRP20102', 'Exportacion', '01'],
    ['CRP20103', 'SubTotal', '0'],
    ['CRP20104', 'Moneda', 'XXX'],
    ['CRP20105', 'FormaPago', undefined],
    ['CRP20106', 'MetodoPago', undefined],
    ['CRP20107', 'CondicionesDePago', undefined],
    ['CRP20108', 'Descuento', undefined],
    ['CRP20109', 'TipoCambio', undefined],
    ['CRP20110', 'Total', '0'],
  ];
  for (const [code, name, value] of fixed) must(root.attributes.get(name) === value, code, attribute(root, name));
  must(childrenOf(root, 'Impuestos').length === 0, 'CRP20123', 'Impuestos');
}

/** Its one line is always the same. */
function checkLine(root: XmlElement): void {
  const [concept, ...others] = descend(root, 'Conceptos', 'Concepto');
  if (concept === undefined) return;
  must(others.length === 0, 'CRP20111', `${others.length + 1} conceptos`);
  must(
    concept.children.every((child) => child.name === 'ACuentaTerceros'),
    'CRP20112',
    'Concepto',
  );
  const fixed: [code: RefusalCode, name: string, value: string | undefined][] = [
    ['CRP20113', 'ClaveProdServ', '84111506'],
    ['CRP20114', 'NoIdentificacion', undefined],
    ['CRP20115', 'Cantidad', '1'],
    ['CRP20116', 'ClaveUnidad', 'ACT'],
    ['CRP20117', 'Unidad', undefined],
    ['CRP20118', 'Descripcion', 'Pago'],
    ['CRP20119', 'ValorUnitario', '0'],
    ['CRP20120', 'Importe', '0'],
    ['CRP20121', 'Descuento', undefined],
    ['CRP20122', 'ObjetoImp', '01'],
  ];
  for (const [code, name, value] of fixed) must(concept.attributes.get(name) === value, code, attribute(concept, name));
}

function checkDocument(paid: XmlElement, currency: string): void {
  const own = attribute(paid, 'MonedaDR');
  must(own !== 'XXX', 'CRP20236', own);
  const rate = paid.attributes.get('EquivalenciaDR');
  if (own === currency) must(rate === '1', 'CRP20238', rate ?? 'ausente');
  else
    must(rate !== undefined && figure(paid, 'EquivalenciaDR').compare(Decimal.zero) > 0, 'CRP20237', rate ?? 'ausente');
  const names = ['ImpSaldoAnt', 'ImpPagado', 'ImpSaldoInsoluto'] as const;
  const [before, part, left] = names.map((name) => figure(paid, name)) as [Decimal, Decimal, Decimal];
  must(before.compare(Decimal.zero) > 0, 'CRP20239', `${before}`);
  must(before.scale <= decimalsOf(own), 'CRP20240', `${before}`);
  must(part.compare(Decimal.zero) > 0, 'CRP20241', `${part}`);
  must(part.scale <= decimalsOf(own), 'CRP20242', `${part}`);
  must(left.scale <= decimalsOf(own), 'CRP20243', `${left}`);
  must(left.equals(before.minus(part)), 'CRP20244', `Saldo insoluto, se calcula ${before.minus(part)}`);
  checkTaxesOfDocument(paid);
}

/** The least that a paid document is worth in the payment's currency, by the formula of the filling guide. */
function leastOf(paid: XmlElement, among: number): Ratio {
  const part = figure(paid, 'ImpPagado');
  const written = figure(paid, 'EquivalenciaDR', '1');
  const rate = among > 1 && written.equals(Decimal.of('1')) ? written.rounded(10) : written;
  return Ratio.of(part.minus(part.halfPlace), rate.plus(rate.halfPlace).minus(Decimal.of('0.0000000001')));
}

function checkAmount({ element, documents }: Payment, currency: string): void {
  const amount = figure(element, 'Monto');
  must(amount.compare(Decimal.zero) > 0, 'CRP20218', `${amount}`);
  must(amount.scale <= decimalsOf(currency), 'CRP20219', `${amount}`);
  const sum = (worth: (paid: XmlElement) => Ratio): Ratio =>
    documents.reduce((total, paid) => total.plus(worth(paid)), Ratio.zero);
  const paid = sum((one) => Ratio.of(figure(one, 'ImpPagado'), figure(one, 'EquivalenciaDR', '1')));
  if (paid.compare(Ratio.of(amount)) <= 0) return;
  must(
    documents.some((one) => attribute(one, 'MonedaDR') !== currency),
    'CRP20217',
    `Monto ${amount}`,
  );
  const least = sum((one) => leastOf(one, documents.length));
  must(least.compare(Ratio.of(amount)) <= 0, 'CRP20276', `Monto ${amount}`);
}

function checkPayment(payment: Payment): void {
  const { element, documents } = payment;
  const currency = attribute(element, 'MonedaP');
  const rate = element.attributes.get('TipoCambioP');
  must(attribute(element, 'FormaDePagoP') !== '99', 'CRP20212', 'FormaDePagoP 99');
  must(currency !== 'XXX', 'CRP20213', currency);
  if (currency === 'MXN') must(rate === '1', 'CRP20215', rate ?? 'ausente');
  else must(rate !== undefined, 'CRP20214', currency);
  checkBanks(element);
  for (const paid of documents) checkDocument(paid, currency);
  checkAmount(payment, currency);
  checkTaxesOfPayment(payment);
}

/** A sum over all payments in pesos; undefined when no payment has anything of the kind. */
function inPesos(payments: readonly Payment[], figuresOf: (payment: Payment) => Decimal[]): Decimal | undefined {
  const parts = payments.flatMap((payment) => figuresOf(payment).map((one) => one.times(payment.rate)));
  return parts.length === 0 ? undefined : Decimal.sum(parts).rounded(2);
}

function checkTotals(totals: XmlElement, payments: readonly Payment[]): void {
  const withheld = (kind: string) => (payment: Payment) =>
    payment.withheld.filter((tax) => attribute(tax, 'ImpuestoP') === kind).map((tax) => figure(tax, 'ImporteP'));
  const passed = (key: string, name: string) => (payment: Payment) =>
    payment.passed.filter((tax) => keyOfPassed(tax, 'P') === key).map((tax) => figure(tax, name));
  const due: [code: RefusalCode, name: string, figuresOf: (payment: Payment) => Decimal[]][] = [
    ['CRP20201', 'TotalRetencionesIVA', withheld('002')],
    ['CRP20202', 'TotalRetencionesISR', withheld('001')],
    ['CRP20203', 'TotalRetencionesIEPS', withheld('003')],
    ['CRP20204', 'TotalTrasladosBaseIVA16', passed('002 Tasa 0.160000', 'BaseP')],
    ['CRP20205', 'TotalTrasladosImpuestoIVA16', passed('002 Tasa 0.160000', 'ImporteP')],
    ['CRP20206', 'TotalTrasladosBaseIVA8', passed('002 Tasa 0.080000', 'BaseP')],
    ['CRP20207', 'TotalTrasladosImpuestoIVA8', passed('002 Tasa 0.080000', 'ImporteP')],
    ['CRP20208', 'TotalTrasladosBaseIVA0', passed('002 Tasa 0.000000', 'BaseP')],
    ['CRP20209', 'TotalTrasladosImpuestoIVA0', passed('002 Tasa 0.000000', 'ImporteP')],
    ['CRP20210', 'TotalTrasladosBaseIVAExento', passed('002 Exento ', 'BaseP')],
    ['CRP20211', 'MontoTotalPagos', (payment) => [figure(payment.element, 'Monto')]],
  ];
  for (const [code, name, figuresOf] of due) {
    const [sum, written] = [inPesos(payments, figuresOf), totals.attributes.get(name)];
    const agrees = sum === undefined ? written === undefined : written !== undefined && sum.equals(Decimal.of(written));
    must(agrees, code, `${name} ${written ?? 'ausente'}, se calcula ${sum ?? 'ausente'}`);
  }
}

/** The complement of payments and the comprobante around it. Errors: Refusal with the code of the rule. */
export function checkPayments(root: XmlElement): void {
  const complements = descend(root, 'Complemento').flatMap((complement) => complement.children);
  const found = complements.filter((child) => child.namespace === namespaces.pagos);
  const isPayment = attribute(root, 'TipoDeComprobante') === 'P';
  must(found.length === (isPayment ? 1 : 0), 'CRP20101', `${found.length} nodos Pagos`);
  const [complement] = found;
  if (complement === undefined) return;
  checkHead(root);
  checkLine(root);
  const payments = paymentsOf(complement);
  for (const payment of payments) checkPayment(payment);
  for (const totals of childrenOf(complement, 'Totales')) checkTotals(totals, payments);
}
