import type { XmlElement } from './document.ts';
import { must } from './refusal.ts';

interface Accounts {
  readonly from: RegExp;
  /** Absent where the receiving account is not told. */
  readonly to?: RegExp;
}

const any = /^([0-9]{10,11}|[0-9]{15,16}|[0-9]{18}|[A-Z0-9_]{10,50})$/;

/** Ways of payment through a bank, with the form of the accounts (c_FormaPago). */
const banked = new Map<string, Accounts>([
  ['02', { from: /^([0-9]{11}|[0-9]{18})$/, to: any }],
  ['03', { from: /^([0-9]{10}|[0-9]{16}|[0-9]{18})$/, to: /^([0-9]{10}|[0-9]{18})$/ }],
  ['04', { from: /^[0-9]{16}$/, to: any }],
  ['05', { from: any, to: any }],
  ['06', { from: /^[0-9]{10}$/ }],
  ['28', { from: /^[0-9]{16}$/, to: any }],
  ['29', { from: /^[0-9]{15,16}$/, to: any }],
]);

/** What a payment tells of banks and accounts, by its way of payment. Details never repeat an account. */
export function checkBanks({ attributes }: XmlElement): void {
  const form = attributes.get('FormaDePagoP') ?? '';
  const accounts = banked.get(form);
  const has = (name: string): boolean => attributes.has(name);
  const fits = (name: string, pattern: RegExp | undefined): boolean =>
    !has(name) || (pattern?.test(attributes.get(name) ?? '') ?? false);
  must(accounts !== undefined || !has('RfcEmisorCtaOrd'), 'CRP20221', `FormaDePagoP ${form}`);
  must(attributes.get('RfcEmisorCtaOrd') !== 'XEXX010101000' || has('NomBancoOrdExt'), 'CRP20223', 'NomBancoOrdExt');
  must(accounts !== undefined || !has('CtaOrdenante'), 'CRP20224', `FormaDePagoP ${form}`);
  must(fits('CtaOrdenante', accounts?.from), 'CRP20225', `FormaDePagoP ${form}`);
  must(accounts?.to !== undefined || !has('RfcEmisorCtaBen'), 'CRP20227', `FormaDePagoP ${form}`);
  must(accounts?.to !== undefined || !has('CtaBeneficiario'), 'CRP20228', `FormaDePagoP ${form}`);
  must(fits('CtaBeneficiario', accounts?.to), 'CRP20226', `FormaDePagoP ${form}`);
  must(form === '03' || !has('TipoCadPago'), 'CRP20229', `FormaDePagoP ${form}`);
  for (const name of ['CertPago', 'CadPago', 'SelloPago']) must(has(name) === has('TipoCadPago'), 'CRP20230', name);
}
