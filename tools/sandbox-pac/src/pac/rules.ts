import { attribute, childrenOf, descend, namespaces, type XmlElement } from './document.ts';
import { Decimal } from './decimal.ts';
import { localTime } from './dates.ts';
import { Refusal, type RefusalCode } from './refusal.ts';

const nationalRfc = 'XAXX010101000';
const foreignRfc = 'XEXX010101000';
const anybody = 'PUBLICO EN GENERAL';

function must(holds: boolean, code: RefusalCode, detail: string): void {
  if (!holds) throw new Refusal(code, detail);
}

function checkCurrency(root: XmlElement): void {
  const currency = attribute(root, 'Moneda');
  const rate = root.attributes.get('TipoCambio');
  if (currency === 'XXX') return must(rate === undefined, 'CFDI40116', `TipoCambio ${rate}`);
  if (currency !== 'MXN') return must(rate !== undefined, 'CFDI40115', `Moneda ${currency}`);
  must(rate === undefined || Decimal.of(rate).equals(Decimal.of('1')), 'CFDI40114', `TipoCambio ${rate}`);
}

function checkGlobal(root: XmlElement, receiver: XmlElement, now: Date): void {
  const [global] = childrenOf(root, 'InformacionGlobal');
  const toAnybody = attribute(receiver, 'Rfc') === nationalRfc && attribute(receiver, 'Nombre') === anybody;
  const income = attribute(root, 'TipoDeComprobante') === 'I';
  must(
    global === undefined ? !(toAnybody && income) : toAnybody,
    'CFDI40130',
    `Receptor ${attribute(receiver, 'Nombre')}`,
  );
  if (global === undefined) return;
  const year = Number(localTime(now).slice(0, 4));
  const written = Number(attribute(global, 'Año'));
  must(written === year || written === year - 1, 'CFDI40136', `Año ${written}`);
}

function checkReceiver(root: XmlElement, receiver: XmlElement): void {
  const generic = [nationalRfc, foreignRfc].includes(attribute(receiver, 'Rfc'));
  const place = attribute(receiver, 'DomicilioFiscalReceptor');
  const use = attribute(receiver, 'UsoCFDI');
  const payment = attribute(root, 'TipoDeComprobante') === 'P';
  must(!generic || place === attribute(root, 'LugarExpedicion'), 'CFDI40149', `DomicilioFiscalReceptor ${place}`);
  must(!generic || attribute(receiver, 'RegimenFiscalReceptor') === '616', 'CFDI40158', 'Con RFC genérico sólo 616');
  must((use === 'CP01') === payment, 'CFDI40161', `UsoCFDI ${use}`);
  must(!generic || payment || use === 'S01', 'CFDI40161', `UsoCFDI ${use}`);
}

function checkPayment(payment: XmlElement): Decimal {
  for (const paid of childrenOf(payment, 'DoctoRelacionado')) {
    const figure = (name: string): Decimal => Decimal.of(paid.attributes.get(name));
    const left = figure('ImpSaldoAnt').minus(figure('ImpPagado'));
    must(left.equals(figure('ImpSaldoInsoluto')), 'CRP20253', `Saldo insoluto, se calcula ${left}`);
  }
  const rate = Decimal.of(payment.attributes.get('TipoCambioP') ?? '1');
  return Decimal.of(payment.attributes.get('Monto')).times(rate).rounded(2);
}

function checkPayments(root: XmlElement): void {
  const complements = descend(root, 'Complemento').flatMap((complement) => complement.children);
  const payments = complements.filter((child) => child.namespace === namespaces.pagos);
  const isPayment = attribute(root, 'TipoDeComprobante') === 'P';
  must((payments.length === 1) === isPayment && payments.length <= 1, 'CRP20101', `${payments.length} nodos Pagos`);
  const [node] = payments;
  if (node === undefined) return;
  must(!root.attributes.has('FormaPago'), 'CFDI40103', 'FormaPago');
  must(attribute(root, 'Moneda') === 'XXX', 'CRP20101', `Moneda ${attribute(root, 'Moneda')}`);
  const total = Decimal.sum(childrenOf(node, 'Pago').map(checkPayment));
  const [totals] = childrenOf(node, 'Totales');
  const written = Decimal.of(totals?.attributes.get('MontoTotalPagos'));
  must(written.equals(total), 'CRP20213', `MontoTotalPagos ${written}, se calcula ${total}`);
}

/** Rules that hold between fields. Errors: Refusal with the code of the rule. */
export function checkRules(root: XmlElement, now: Date): void {
  const type = attribute(root, 'TipoDeComprobante');
  if (type === 'N') throw new Refusal('301', 'El PAC de pruebas no conoce el complemento de nómina');
  checkCurrency(root);
  must(attribute(root, 'Exportacion') !== '02', 'CFDI40122', 'Exportacion 02');
  must(!['T', 'P'].includes(type) || !root.attributes.has('MetodoPago'), 'CFDI40125', `TipoDeComprobante ${type}`);
  for (const receiver of childrenOf(root, 'Receptor')) {
    checkReceiver(root, receiver);
    checkGlobal(root, receiver, now);
  }
  checkPayments(root);
}
