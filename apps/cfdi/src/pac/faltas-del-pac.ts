import { falta, type Falta } from '@nexora/comprobante';

type Hint = readonly [path: string, remedy: string];

const CONSTANCIA = 'Pida al cliente su constancia de situación fiscal y cópielo tal cual.';
const EMISOR = 'Corrija los datos del emisor en la configuración, tal como los tiene el SAT.';
const IMPUESTOS = 'Quite los impuestos y totales que usted calcula: el agente los calcula.';

/** Field of our document and remedy for codes of the tax authority's matrix that a person can mend. */
const HINTS: Readonly<Record<string, Hint>> = {
  CFDI40103: ['formaPago', 'Revise la forma de pago.'],
  CFDI40104: ['formaPago', 'Revise la forma de pago.'],
  CFDI40105: ['formaPago', 'Con PPD use 99; con PUE use la forma en que se pagó.'],
  CFDI40107: ['subTotal', IMPUESTOS],
  CFDI40108: ['subTotal', IMPUESTOS],
  CFDI40119: ['total', IMPUESTOS],
  CFDI40122: ['exportacion', 'Use 01 si la venta no es de exportación.'],
  CFDI40127: ['confirmacion', 'Pida a su PAC la clave de confirmación.'],
  CFDI40128: ['confirmacion', 'Pida a su PAC la clave de confirmación.'],
  CFDI40129: ['confirmacion', 'Pida a su PAC la clave de confirmación.'],
  CFDI40130: ['informacionGlobal', 'Agregue informacionGlobal a la factura de PUBLICO EN GENERAL, o quítela.'],
  CFDI40131: ['informacionGlobal.periodicidad', 'Use de 01 (diario) a 04 (mensual); 05 es solo del régimen 621.'],
  CFDI40132: ['informacionGlobal.periodicidad', 'Use de 01 (diario) a 04 (mensual); 05 es solo del régimen 621.'],
  CFDI40133: ['informacionGlobal.meses', 'Use de 01 a 12; con periodicidad 05, de 13 a 18.'],
  CFDI40134: ['informacionGlobal.meses', 'Use de 01 a 12, o periodicidad 05 si el emisor es del régimen 621.'],
  CFDI40135: [
    'informacionGlobal.meses',
    'Con periodicidad 05 use de 13 (enero y febrero) a 18 (noviembre y diciembre).',
  ],
  CFDI40136: ['informacionGlobal.anio', 'Escriba el año actual o el anterior.'],
  CFDI40138: ['emisor', EMISOR],
  CFDI40139: ['emisor', EMISOR],
  CFDI40140: ['emisor', EMISOR],
  CFDI40141: ['emisor', EMISOR],
  CFDI40143: ['receptor.rfc', CONSTANCIA],
  CFDI40144: ['receptor.nombre', CONSTANCIA],
  CFDI40145: ['receptor.nombre', `${CONSTANCIA} En mayúsculas y sin SA DE CV.`],
  CFDI40146: ['receptor.nombre', 'Revise el RFC genérico y el nombre del receptor.'],
  CFDI40147: ['receptor.domicilioFiscal', CONSTANCIA],
  CFDI40148: ['receptor.domicilioFiscal', CONSTANCIA],
  CFDI40149: ['receptor.domicilioFiscal', 'Con RFC genérico use el código postal de lugarExpedicion.'],
  CFDI40157: ['receptor.regimenFiscal', CONSTANCIA],
  CFDI40158: ['receptor.regimenFiscal', CONSTANCIA],
  CFDI40159: ['receptor.regimenFiscal', CONSTANCIA],
  CFDI40160: ['receptor.usoCfdi', 'Use S01, u otro uso que el régimen del cliente permita.'],
  CFDI40161: ['receptor.usoCfdi', 'Use S01, u otro uso que el régimen del cliente permita.'],
  CFDI40162: ['conceptos', 'Revise claveProdServ de cada concepto en el catálogo del SAT.'],
  CFDI40163: ['conceptos', 'Revise claveProdServ de cada concepto en el catálogo del SAT.'],
  CFDI40164: ['conceptos', 'Revise claveProdServ y claveUnidad de cada concepto.'],
  CFDI40167: ['conceptos', IMPUESTOS],
  CFDI40168: ['conceptos', 'Revise los descuentos de los conceptos.'],
  CFDI40169: ['conceptos', 'Revise los descuentos de los conceptos.'],
  CFDI40170: ['conceptos', 'Revise objetoImp de cada concepto.'],
  CFDI40171: ['conceptos', 'Con objetoImp 02 agregue el impuesto, o cambie objetoImp.'],
  CFDI40172: ['conceptos', 'Con objetoImp 01 quite los impuestos, o use 02.'],
  CFDI40194: ['conceptos', 'Revise el número de pedimento.'],
  CFDI40195: ['conceptos', 'Revise el número de pedimento.'],
  CFDI40215: ['conceptos', IMPUESTOS],
  CFDI40221: ['conceptos', IMPUESTOS],
};

/** What a refusal of our data is told to the person who can mend it: the PAC's own text, our field and remedy. */
export function faltaDelPac(code: string, message: string): Omit<Falta, 'code'> & { readonly code: string } {
  const [path, remedy] = HINTS[code] ?? ['', 'Corrija el dato que señala el SAT y vuelva a guardar el comprobante.'];
  return { ...falta(path, 'cfdi.range', `El SAT rechazó el comprobante ${citado(code, message)}`, remedy), code };
}

/** `(CFDI40145): El campo Nombre …`: most PACs begin their text with the code, which is said once. */
export function citado(code: string, message: string): string {
  const rest = message.startsWith(code) ? message.slice(code.length) : '';
  const said = /^[\s.:–—-]+(?=\S)/.test(rest) ? rest.replace(/^[\s.:–—-]+/, '') : message;
  return `(${code}): ${said}`;
}
