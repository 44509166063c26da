import { Exact, fits } from './decimales.ts';
import type { Concepto, Documento, ImpuestoPedido } from './documento.ts';
import { calculaImportes, type ImpuestoDeLinea, type Importes, type ImportesDeConcepto } from './importes.ts';
import type { Juicio } from './juicio.ts';
import { conceptosDe } from './tipos.ts';

/** Judges what adding up gives, and every figure that the caller computed too: both must agree. */
export function judgeSumas(juicio: Juicio, documento: Documento): void {
  const importes = calculaImportes(documento);
  if (importes.isNegative) {
    const message = `El total queda negativo: ${importes.total}.`;
    juicio.add('total', 'cfdi.range', message, 'Revise descuentos y retenciones.');
  }
  if (!fits(new Exact(importes.subTotal)) || !fits(new Exact(importes.total))) {
    juicio.add('total', 'cfdi.range', 'La suma pasa de 18 enteros.', 'Divida la venta en varios comprobantes.');
  }
  judgeTotals(juicio, documento, importes);
  for (const [index, concepto] of conceptosDe(documento).entries()) {
    const computed = importes.conceptos[index];
    if (computed !== undefined) judgeLine(juicio, concepto, computed, `conceptos[${index}]`);
  }
}

function judgeTotals(juicio: Juicio, documento: Documento, importes: Importes): void {
  agree(juicio, 'subTotal', documento.subTotal, importes.subTotal);
  agree(juicio, 'descuento', documento.descuento, importes.descuento ?? '0');
  agree(juicio, 'totalImpuestosTrasladados', documento.totalImpuestosTrasladados, importes.totalTrasladados ?? '0');
  agree(juicio, 'totalImpuestosRetenidos', documento.totalImpuestosRetenidos, importes.totalRetenidos ?? '0');
  agree(juicio, 'total', documento.total, importes.total);
}

function judgeLine(juicio: Juicio, concepto: Concepto, computed: ImportesDeConcepto, path: string): void {
  agree(juicio, `${path}.importe`, concepto.importe, computed.importe);
  for (const side of ['traslados', 'retenciones'] as const) {
    const asked: readonly ImpuestoPedido[] = concepto.impuestos?.[side] ?? [];
    for (const [index, one] of asked.entries()) {
      judgeImpuesto(juicio, one, computed[side][index], `${path}.impuestos.${side}[${index}]`);
    }
  }
  for (const [index, { importe }] of (concepto.partes ?? []).entries()) {
    agree(juicio, `${path}.partes[${index}].importe`, importe, computed.partes[index]?.importe ?? '0');
  }
}

function judgeImpuesto(
  juicio: Juicio,
  asked: ImpuestoPedido,
  computed: ImpuestoDeLinea | undefined,
  path: string,
): void {
  if (computed === undefined) return;
  agree(juicio, `${path}.base`, asked.base, computed.base);
  agree(juicio, `${path}.importe`, asked.importe, computed.importe ?? '0');
}

/** A figure that the caller sent must be the one computed here; where it is not, both are named. */
export function agree(juicio: Juicio, path: string, sent: string | undefined, computed: string): void {
  if (sent === undefined || !juicio.decimal(path, sent) || new Exact(sent).eq(computed)) return;
  const message = `${path} dice ${sent} y la suma da ${computed}.`;
  juicio.add(path, 'cfdi.sum', message, `Escriba ${computed}, o quite el campo: el agente lo calcula.`);
}
