import { hasCode, regimenFits, usoFits } from './catalogos.ts';
import type { Documento } from './documento.ts';
import type { Juicio } from './juicio.ts';
import { isPais, registroFits } from './paises.ts';
import { isCodigoPostal, judgeRfc } from './reglas-encabezado.ts';
import { isGeneric, personaOf, RFC_EXTRANJERO } from './rfc.ts';
import { collapse, isXmlText, lengthOf } from './textos.ts';

/** One address or several, as people write them: `a@b.mx; c@d.mx`. */
const EMAIL = /^[^\s@,;]{1,64}@[^\s@,;]{1,255}([\s,;]+[^\s@,;]{1,64}@[^\s@,;]{1,255})*$/;
const MOST_OF_A_CONTACT = 300;
const SIN_OBLIGACIONES = '616';
const USO_DE_PAGO = 'CP01';

/** Judges the receiver: who it is, where, what for. */
export function judgeReceptor(juicio: Juicio, documento: Documento, day: string): void {
  const { receptor } = documento;
  const hasRfc = judgeRfc(juicio, 'receptor.rfc', 'del receptor', receptor.rfc);
  juicio.text('receptor.nombre', receptor.nombre, 300);
  const isPostal =
    isCodigoPostal(receptor.domicilioFiscal) ||
    juicio.add(
      'receptor.domicilioFiscal',
      'cfdi.pattern',
      'El domicilio fiscal del receptor no es un código postal.',
      'Escriba los 5 dígitos que dice su constancia de situación fiscal.',
    );
  if (hasRfc) judgeRegimen(juicio, documento, day);
  if (hasRfc && isPostal) judgeGeneric(juicio, documento);
  if (hasRfc) judgeResidencia(juicio, documento);
  judgeContact(juicio, documento);
}

function judgeRegimen(juicio: Juicio, documento: Documento, day: string): void {
  const { receptor } = documento;
  const persona = personaOf(receptor.rfc);
  const who = persona === 'moral' ? 'una persona moral' : 'una persona física';
  const isKnown = hasCode('regimenes_fiscales', receptor.regimenFiscal, day);
  if (!juicio.catalogue('receptor.regimenFiscal', isKnown, 'c_RegimenFiscal')) return;
  if (!regimenFits(receptor.regimenFiscal, persona, day)) {
    const remedy = 'Pida al cliente su constancia de situación fiscal y copie el régimen.';
    juicio.add('receptor.regimenFiscal', 'cfdi.catalogue', `El régimen del receptor no es de ${who}.`, remedy);
    return;
  }
  if (!juicio.catalogue('receptor.usoCfdi', hasCode('usos_cfdi', receptor.usoCfdi, day), 'c_UsoCFDI')) return;
  if (!judgeUsoDePago(juicio, documento)) return;
  if (usoFits(receptor.usoCfdi, persona, receptor.regimenFiscal, day)) return;
  const message = `El uso del CFDI no está permitido a ${who} con el régimen ${receptor.regimenFiscal}.`;
  juicio.add(
    'receptor.usoCfdi',
    'cfdi.catalogue',
    message,
    'Use S01 (sin efectos fiscales) u otro uso de ese régimen.',
  );
}

/** A comprobante de pago has one use; of all others the catalogue says which a régimen may have (CFDI40160, 40161). */
function judgeUsoDePago(juicio: Juicio, { tipo, receptor }: Documento): boolean {
  if (tipo !== 'P' || receptor.usoCfdi === USO_DE_PAGO) return true;
  const message = `El uso del CFDI de un comprobante de pago es ${USO_DE_PAGO}.`;
  return juicio.add('receptor.usoCfdi', 'cfdi.forbidden', message, `Escriba ${USO_DE_PAGO}.`);
}

/** Generic RFCs: régimen 616 and the issuer's own postal code (Anexo 20, Receptor). */
function judgeGeneric(juicio: Juicio, { receptor, lugarExpedicion }: Documento): void {
  if (!isGeneric(receptor.rfc)) return;
  if (receptor.regimenFiscal !== SIN_OBLIGACIONES) {
    const message = 'Con un RFC genérico el régimen del receptor es 616.';
    juicio.add('receptor.regimenFiscal', 'cfdi.forbidden', message, 'Use 616 (sin obligaciones fiscales).');
  }
  if (receptor.domicilioFiscal !== lugarExpedicion) {
    const message = 'Con un RFC genérico el domicilio fiscal es el código postal de lugarExpedicion.';
    juicio.add('receptor.domicilioFiscal', 'cfdi.forbidden', message, 'Escriba el mismo código postal en los dos.');
  }
}

/** Where a foreigner lives and under what number (matrix of errors: CFDI40150 to 40156). */
function judgeResidencia(juicio: Juicio, { receptor }: Documento): void {
  const { rfc, residenciaFiscal: pais, numRegIdTrib: registro } = receptor;
  const [where, number] = ['receptor.residenciaFiscal', 'receptor.numRegIdTrib'];
  if (rfc !== RFC_EXTRANJERO) {
    const remedy = `Quítelo, o use el RFC ${RFC_EXTRANJERO} si el cliente es extranjero y no tiene otro.`;
    juicio.absent(where, pais, 'La residencia fiscal es solo de clientes extranjeros.', remedy);
    juicio.absent(number, registro, 'El registro tributario es solo de clientes extranjeros.', remedy);
    return;
  }
  if (!juicio.text(number, registro, 40)) return;
  if (pais === undefined) {
    if (registro === undefined) return;
    const message = 'Un registro tributario pide la residencia fiscal.';
    juicio.add(where, 'cfdi.required', message, 'Agregue el país en tres letras, por ejemplo USA.');
    return;
  }
  if (!juicio.catalogue(where, isPais(pais), 'c_Pais')) return;
  if (pais === 'MEX') {
    juicio.add(where, 'cfdi.forbidden', 'Un cliente extranjero no reside en MEX.', 'Escriba su país, o su RFC.');
    return;
  }
  if (registro === undefined || registroFits(pais, collapse(registro))) return;
  const message = `El registro tributario no tiene la forma que pide c_Pais para ${pais}: 9 dígitos.`;
  juicio.add(number, 'cfdi.pattern', message, 'Escriba solo los 9 dígitos, sin guiones, o quítelo.');
}

/** For the delivery alone, so whatever a person would read as a contact is taken. */
function judgeContact(juicio: Juicio, { receptor: { email, telefono } }: Documento): void {
  judgeWritten(juicio, 'receptor.telefono', telefono);
  if (email === undefined || !judgeWritten(juicio, 'receptor.email', email) || EMAIL.test(email.trim())) return;
  juicio.add('receptor.email', 'cfdi.pattern', 'El correo no es válido.', 'Corríjalo, o quítelo si no lo conoce.');
}

function judgeWritten(juicio: Juicio, path: string, value: string | undefined): boolean {
  if (value === undefined) return true;
  if (!isXmlText(value)) {
    return juicio.add(path, 'cfdi.character', `${path} lleva un carácter que no se puede imprimir.`, 'Quítelo.');
  }
  if (value.trim() !== '' && lengthOf(value) <= MOST_OF_A_CONTACT) return true;
  const message = `${path} está vacío o pasa de ${MOST_OF_A_CONTACT} caracteres.`;
  return juicio.add(path, 'cfdi.length', message, 'Corríjalo, o quítelo si no lo conoce.');
}
