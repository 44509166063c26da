/** One tax of a paid document, as it stands in the XML, in that document's currency. */
export interface ImporteDr {
  readonly baseDR: string;
  readonly impuestoDR: string;
  readonly tipoFactorDR: string;
  /** `null` where the tax is exempt. */
  readonly tasaOCuotaDR: string | null;
  readonly importeDR: string | null;
}

/** Figures of one paid document, as they stand in the XML. */
export interface ImportesDeDocto {
  readonly equivalenciaDR: string;
  readonly impSaldoAnt: string;
  readonly impPagado: string;
  readonly impSaldoInsoluto: string;
  readonly retencionesDR: readonly ImporteDr[];
  readonly trasladosDR: readonly ImporteDr[];
}

/** One withheld tax of a payment, in the payment's currency. */
export interface RetencionP {
  readonly impuestoP: string;
  readonly importeP: string;
}

/** One tax passed on in a payment, in the payment's currency. */
export interface TrasladoP {
  readonly baseP: string;
  readonly impuestoP: string;
  readonly tipoFactorP: string;
  readonly tasaOCuotaP: string | null;
  readonly importeP: string | null;
}

/** Figures of one payment, as they stand in the XML. */
export interface ImportesDePago {
  /** Pesos for one unit of the payment's currency. */
  readonly tipoCambioP: string;
  readonly monto: string;
  readonly doctos: readonly ImportesDeDocto[];
  readonly retencionesP: readonly RetencionP[];
  readonly trasladosP: readonly TrasladoP[];
}

/** Every figure of a complemento Pagos 2.0. */
export interface ImportesDePagos {
  readonly pagos: readonly ImportesDePago[];
  /** In pesos. */
  readonly totales: TotalesDePagos;
}

/** Sums of all payments in pesos, as they stand in the XML; `null` means that the attribute is left out. */
export interface TotalesDePagos {
  readonly totalRetencionesIVA: string | null;
  readonly totalRetencionesISR: string | null;
  readonly totalRetencionesIEPS: string | null;
  readonly totalTrasladosBaseIVA16: string | null;
  readonly totalTrasladosImpuestoIVA16: string | null;
  readonly totalTrasladosBaseIVA8: string | null;
  readonly totalTrasladosImpuestoIVA8: string | null;
  readonly totalTrasladosBaseIVA0: string | null;
  readonly totalTrasladosImpuestoIVA0: string | null;
  readonly totalTrasladosBaseIVAExento: string | null;
  readonly montoTotalPagos: string;
}
