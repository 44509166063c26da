import { attribute, childrenOf, type XmlElement } from './document.ts';
import { Decimal } from './decimal.ts';
import { localTime } from './dates.ts';
import { checkPayments } from './payments.ts';
import { must, Refusal } from './refusal.ts';

const nationalRfc = 'XAXX010101000';
const foreignRfc = 'XEXX010101000';
const anybody = 'PUBLICO EN GENERAL';
/** What c_UsoCFDI lets a receiver without tax duties (616) use. */
const usesOf616 = ['S01', 'G02', 'CP01'];

function checkCurrency(root: XmlElement): void {
  const currency = attribute(root, 'Moneda');
  const rate = root.attributes.get('TipoCambio');
  if (currency === 'XXX') return must(rate === undefined, 'CFDI40116', `TipoCambio ${rate}`);
  if (currency !== 'MXN') return must(rate !== undefined, 'CFDI40115', `Moneda ${currency}`);
  must(rate === undefined || Decimal.of(rate).equals(Decimal.of('1')), 'CFDI40114', `TipoCambio ${rate}`);
}

/** Two months at a time is for one régimen alone, and has keys of its own. */
function checkPeriod(root: XmlElement, global: XmlElement): void {
  const [period, months] = [attribute(global, 'Periodicidad'), attribute(global, 'Meses')];
  for (const issuer of childrenOf(root, 'Emisor')) {
    const regime = attribute(issuer, 'RegimenFiscal');
    must(period !== '05' || regime === '621', 'CFDI40132', `RegimenFiscal ${regime}`);
  }
  const double = Number(months) > 12;
  must(period === '05' || !double, 'CFDI40134', `Meses ${months}`);
  must(period !== '05' || double, 'CFDI40135', `Meses ${months}`);
}

function checkGlobal(root: XmlElement, receiver: XmlElement, now: Date): void {
  const [global] = childrenOf(root, 'InformacionGlobal');
  const toAnybody = attribute(receiver, 'Rfc') === nationalRfc && attribute(receiver, 'Nombre') === anybody;
  const income = attribute(root, 'TipoDeComprobante') === 'I';
  must((global !== undefined) === (toAnybody && income), 'CFDI40130', `Receptor ${attribute(receiver, 'Nombre')}`);
  if (global === undefined) return;
  checkPeriod(root, global);
  const year = Number(localTime(now).slice(0, 4));
  const written = Number(attribute(global, 'Año'));
  must(written === year || written === year - 1, 'CFDI40136', `Año ${written}`);
}

/** Only who has no RFC of this country lives in another one. */
function checkResidence({ attributes }: XmlElement): void {
  const country = attributes.get('ResidenciaFiscal');
  const foreign = attributes.get('Rfc') === foreignRfc;
  const told = country !== undefined || attributes.has('NumRegIdTrib');
  must(foreign || !told, 'CFDI40150', 'El receptor no es extranjero');
  must(country !== 'MEX', 'CFDI40150', 'ResidenciaFiscal MEX');
  must(country !== undefined || !told, 'CFDI40150', 'NumRegIdTrib sin ResidenciaFiscal');
}

function checkReceiver(root: XmlElement, receiver: XmlElement): void {
  const generic = [nationalRfc, foreignRfc].includes(attribute(receiver, 'Rfc'));
  const place = attribute(receiver, 'DomicilioFiscalReceptor');
  const use = attribute(receiver, 'UsoCFDI');
  const payment = attribute(root, 'TipoDeComprobante') === 'P';
  must(!generic || place === attribute(root, 'LugarExpedicion'), 'CFDI40149', `DomicilioFiscalReceptor ${place}`);
  must(!generic || attribute(receiver, 'RegimenFiscalReceptor') === '616', 'CFDI40159', 'Con RFC genérico sólo 616');
  checkResidence(receiver);
  must(!payment || use === 'CP01', 'CFDI40161', `UsoCFDI ${use}`);
  must(!generic || usesOf616.includes(use), 'CFDI40161', `UsoCFDI ${use}`);
}

/** Rules that hold between fields. Errors: Refusal with the code of the rule. */
export function checkRules(root: XmlElement, now: Date): void {
  const type = attribute(root, 'TipoDeComprobante');
  if (type === 'N') throw new Refusal('301', 'El PAC de pruebas no conoce el complemento de nómina');
  checkCurrency(root);
  must(attribute(root, 'Exportacion') !== '02', 'CFDI40122', 'Exportacion 02');
  must(!['T', 'P'].includes(type) || !root.attributes.has('MetodoPago'), 'CFDI40125', `TipoDeComprobante ${type}`);
  must(type !== 'T' || !root.attributes.has('FormaPago'), 'CFDI40103', 'FormaPago');
  must(type !== 'T' || childrenOf(root, 'Impuestos').length === 0, 'CFDI40201', 'TipoDeComprobante T');
  for (const receiver of childrenOf(root, 'Receptor')) {
    checkReceiver(root, receiver);
    checkGlobal(root, receiver, now);
  }
  checkPayments(root);
}
