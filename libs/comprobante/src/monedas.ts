/** Currencies of the catalogue c_Moneda with their decimals; all that are not named under another count have 2. */
const TWO =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BZD CAD CDF CHE CHF CHW CNH ' +
  'CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ESD ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG ' +
  'HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRO MUR MVR MWK MXN ' +
  'MXV MYR MZN NAD NGN NIC NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLL SOS ' +
  'SRD SSP STD SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYP UYU UZS VEF VES WST XCD YER ZAR ZMW ZWL';
const NONE =
  'BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XAG XAU XBA XBB XBC XBD XDR XOF XPD XPF XPT XSU XTS ' +
  'XUA XXX';
const THREE = 'BHD IQD JOD KWD LYD OMR TND';
const FOUR = 'CLF';

const DECIMALS: ReadonlyMap<string, number> = new Map(
  (
    [
      [TWO, 2],
      [NONE, 0],
      [THREE, 3],
      [FOUR, 4],
    ] as const
  ).flatMap(([codes, decimals]) => codes.split(' ').map((code) => [code, decimals] as const)),
);

/** Decimals that the tax authority lets a figure of this currency have; `undefined` when it knows no such currency. */
export function decimalesDe(moneda: string): number | undefined {
  return DECIMALS.get(moneda);
}

/** The currency code of a document without amounts. */
export const SIN_MONEDA = 'XXX';
