import type { Juicio } from './juicio.ts';
import { reglasDeForma, type ReglasDeForma } from './pagos-catalogo.ts';
import type { Pago } from './pagos.schema.ts';
import { RFC_EXTRANJERO } from './rfc.ts';
import { collapse, isXmlText, lengthOf } from './textos.ts';

/** RFC of a legal entity (tdCFDI, t_RFC_PM). */
const RFC_DE_BANCO = /^[A-Z&Ñ]{3}[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[A-Z0-9]{2}[0-9A]$/;
const CUENTA = /^[A-Z0-9_]{10,50}$/;
/** Base 64 as the schema takes it (xs:base64Binary): what the padding cuts off has no bits. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)$/;
const LONGEST_CADENA = 8192;
const SPEI = '01';

/** Judges what a payment tells of the banks: only some ways of payment have any (matrix of errors: CRP20221 to 20235). */
export function judgeBancos(juicio: Juicio, pago: Pago, path: string): void {
  const reglas = reglasDeForma(pago.formaDePagoP);
  if (reglas === undefined) return;
  judgeOrdenante(juicio, pago, path, reglas);
  judgeBeneficiario(juicio, pago, path, reglas);
  judgeCadena(juicio, pago, path, reglas);
}

function judgeOrdenante(juicio: Juicio, pago: Pago, path: string, reglas: ReglasDeForma): void {
  const { rfcEmisorCtaOrd: rfc, nomBancoOrdExt: nombre } = pago;
  const isRfc = rfc === RFC_EXTRANJERO || judgeRfc(juicio, `${path}.rfcEmisorCtaOrd`, rfc);
  if (isRfc && !reglas.admiteBancoOrdenante) forbid(juicio, pago, path, 'rfcEmisorCtaOrd');
  juicio.text(`${path}.nomBancoOrdExt`, nombre, 300);
  if (rfc === RFC_EXTRANJERO) {
    juicio.required(`${path}.nomBancoOrdExt`, nombre, 'Escriba el nombre del banco extranjero.');
  }
  judgeCuenta(juicio, pago, path, 'ctaOrdenante', reglas.ctaOrdenante);
}

function judgeBeneficiario(juicio: Juicio, pago: Pago, path: string, reglas: ReglasDeForma): void {
  const isRfc = judgeRfc(juicio, `${path}.rfcEmisorCtaBen`, pago.rfcEmisorCtaBen);
  if (isRfc && !reglas.admiteBancoBeneficiario) forbid(juicio, pago, path, 'rfcEmisorCtaBen');
  judgeCuenta(juicio, pago, path, 'ctaBeneficiario', reglas.ctaBeneficiario);
}

function judgeRfc(juicio: Juicio, path: string, rfc: string | undefined): boolean {
  if (rfc === undefined || RFC_DE_BANCO.test(rfc)) return true;
  const message = `${path} no es el RFC de un banco: 12 posiciones en mayúsculas.`;
  return juicio.add(path, 'cfdi.pattern', message, 'Cópielo del comprobante del banco, o quítelo.');
}

type Cuenta = 'ctaOrdenante' | 'ctaBeneficiario';

function judgeCuenta(juicio: Juicio, pago: Pago, path: string, field: Cuenta, form: RegExp | undefined): void {
  const cuenta = pago[field];
  if (cuenta === undefined) return;
  if (form === undefined) {
    forbid(juicio, pago, path, field);
    return;
  }
  if (CUENTA.test(cuenta) && form.test(cuenta)) return;
  const message = `${path}.${field} no tiene la forma que pide el SAT con la forma de pago ${pago.formaDePagoP}.`;
  const remedy = 'Escriba el número de cuenta, CLABE o tarjeta completo, sin espacios, o quítelo.';
  juicio.add(`${path}.${field}`, 'cfdi.pattern', message, remedy);
}

function forbid(juicio: Juicio, pago: Pago, path: string, field: 'rfcEmisorCtaOrd' | 'rfcEmisorCtaBen' | Cuenta): void {
  const message = `Con la forma de pago ${pago.formaDePagoP} no se dice ${path}.${field}.`;
  juicio.absent(`${path}.${field}`, pago[field], message, `Quite ${field}, o corrija formaDePagoP.`);
}

/** The proof that the receiving bank gives of a transfer: type, certificate, text and seal go together. */
function judgeCadena(juicio: Juicio, pago: Pago, path: string, reglas: ReglasDeForma): void {
  const { tipoCadPago: tipo } = pago;
  const parts = ['certPago', 'cadPago', 'selloPago'] as const;
  if (tipo === undefined) {
    for (const part of parts) {
      const message = `Sin tipoCadPago no se dice ${path}.${part}.`;
      juicio.absent(`${path}.${part}`, pago[part], message, `Agregue tipoCadPago, o quite ${part}.`);
    }
    return;
  }
  const where = `${path}.tipoCadPago`;
  if (!reglas.admiteCadena) {
    const message = `Con la forma de pago ${pago.formaDePagoP} no se dice ${where}.`;
    juicio.add(where, 'cfdi.forbidden', message, 'Quite tipoCadPago, certPago, cadPago y selloPago.');
    return;
  }
  juicio.catalogue(where, tipo === SPEI, 'c_TipoCadenaPago');
  for (const part of parts) {
    juicio.required(`${path}.${part}`, pago[part], 'Cópielo del comprobante del banco, o quite tipoCadPago.');
  }
  juicio.pattern(`${path}.certPago`, pago.certPago, BASE64, 'Copie el certificado en base 64, sin espacios.');
  juicio.pattern(`${path}.selloPago`, pago.selloPago, BASE64, 'Copie el sello en base 64, sin espacios.');
  judgeTexto(juicio, `${path}.cadPago`, pago.cadPago);
}

/** The text that the bank sealed; alone of all texts it may hold the sign `|`, which parts its fields. */
function judgeTexto(juicio: Juicio, path: string, texto: string | undefined): void {
  if (texto === undefined) return;
  const length = isXmlText(texto) ? lengthOf(collapse(texto)) : 0;
  if (length >= 1 && length <= LONGEST_CADENA) return;
  const message = `${path} está vacía, pasa de ${LONGEST_CADENA} caracteres o lleva uno que no se puede imprimir.`;
  juicio.add(path, 'cfdi.length', message, 'Copie completa la cadena original del comprobante del banco.');
}
