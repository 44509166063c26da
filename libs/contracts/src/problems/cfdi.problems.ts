import { problems } from './problem.ts';

/** Errors of stamping, by class (`spec/cfdi.md`, Retries). The PAC's own code and text travel beside ours. */
export const CFDI_PROBLEMS = problems({
  'cfdi.not-found': {
    title: 'No such comprobante',
    status: 404,
    es: 'No existe ese comprobante.',
    en: 'There is no such comprobante.',
  },
  'cfdi.invalid': {
    title: 'The comprobante breaks a rule',
    status: 422,
    es: 'El comprobante no cumple las reglas del SAT. Corrija el campo indicado y vuelva a enviarlo.',
    en: "The comprobante breaks one of the tax authority's rules. Mend the field that is named and hand it over again.",
  },
  'cfdi.unsupported': {
    title: 'Unsupported complemento or type',
    status: 422,
    es: 'Este tipo de comprobante o complemento aún no se admite.',
    en: 'This type of comprobante or complemento is not supported yet.',
  },
  'cfdi.totals-disagree': {
    title: 'Totals disagree',
    status: 422,
    es: 'Los totales enviados no coinciden con los calculados. Revise ambas cifras.',
    en: 'The totals that were sent differ from those computed. Compare both figures.',
  },
  'cfdi.external-id-conflict': {
    title: 'Same externalId, other content',
    status: 409,
    es: 'Ya existe un comprobante con ese externalId y otro contenido.',
    en: 'A comprobante with this externalId and other content exists.',
  },
  'cfdi.folio-conflict': {
    title: 'Serie and folio already used',
    status: 409,
    es: 'Ya existe un comprobante con esa serie y folio.',
    en: 'A comprobante with this serie and folio exists.',
  },
  'cfdi.not-mendable': {
    title: 'Only a rejected comprobante can be mended',
    status: 409,
    es: 'Solo se puede corregir un comprobante rechazado.',
    en: 'Only a rejected comprobante can be mended.',
  },
  'cfdi.not-cancellable': {
    title: 'The comprobante cannot be cancelled as it is',
    status: 409,
    es: 'El comprobante no se puede cancelar en su estado actual. Vea qué hacer en el detalle.',
    en: 'The comprobante cannot be cancelled in its present state. The detail says what to do.',
  },
  'cfdi.cancellation-refused': {
    title: 'The cancellation was refused',
    es: 'El receptor o el SAT no aceptaron la cancelación: el comprobante sigue vigente. Vea el motivo en su error.',
    en: 'Receiver or tax authority refused the cancellation: the comprobante stays valid. Its error says why.',
  },
  'cfdi.not-ready': {
    title: 'The document does not exist yet',
    status: 409,
    es: 'El documento aún no existe: el comprobante todavía no se ha timbrado o guardado.',
    en: 'The document does not exist yet: the comprobante has not been stamped or stored.',
  },
  'cfdi.data': {
    title: 'The PAC refused the data',
    es: 'El SAT rechazó un dato del comprobante. Corrija el campo indicado; al guardar se timbra de nuevo.',
    en: 'The tax authority refused a value. Mend the field that is named; it is sealed anew when saved.',
  },
  'cfdi.ours': {
    title: 'The PAC refused what the software built',
    es: 'El comprobante se generó mal por un error del programa. Avise a soporte; no se perdió nada.',
    en: 'The software built the comprobante wrongly. Tell support; nothing is lost.',
  },
  'cfdi.stopped': {
    title: 'A person cancelled the job of the comprobante',
    es: 'Una persona canceló el trabajo de este comprobante. Con «Reintentar» sigue adelante.',
    en: 'A person cancelled the job of this comprobante. A retry brings it back.',
  },
  'cfdi.cancellation-stopped': {
    title: 'The request to cancel was stopped',
    es: 'La solicitud de cancelación se detuvo y no se envía otra vez. Si todavía debe cancelarse, pídalo de nuevo.',
    en: 'The request to cancel was stopped and is not sent again. If it shall still be cancelled, ask again.',
  },
  'cfdi.account': {
    title: 'The PAC account refuses to stamp',
    es: 'La cuenta del PAC no puede timbrar (acceso, timbres o manifiesto). Los comprobantes esperan; revise la cuenta.',
    en: 'The PAC account cannot stamp (login, stamps or manifiesto). Comprobantes wait; look at the account.',
  },
  'cfdi.certificate': {
    title: 'The CSD is refused',
    es: 'El certificado de sello (CSD) no es válido para timbrar. Instale uno vigente; los comprobantes esperan.',
    en: 'The CSD cannot be used for stamping. Install a valid one; comprobantes wait.',
  },
  'cfdi.csd-refused': {
    title: 'The CSD cannot be installed',
    status: 422,
    es: 'El certificado, la llave o la contraseña no sirven para sellar. Corrija lo que se indica.',
    en: 'Certificate, key or password cannot be used for sealing. Mend what is named.',
  },
  'cfdi.no-csd': {
    title: 'No usable CSD for this issuer',
    status: 409,
    es: 'El emisor no tiene un certificado de sello (CSD) vigente. Instálelo para timbrar.',
    en: 'This issuer has no valid CSD. Install one in order to stamp.',
  },
  'cfdi.clock': {
    title: 'The PAC says our time is wrong',
    es: 'La hora del equipo no coincide con la del PAC. Corrija el reloj; el timbrado sigue solo después.',
    en: 'The time of this machine and that of the PAC differ. Set the clock; stamping goes on by itself.',
  },
  'cfdi.transient': {
    title: 'The PAC failed for the moment',
    es: 'El PAC no respondió bien. Se intenta de nuevo con los mismos datos.',
    en: 'The PAC did not answer properly. The same bytes are tried again.',
  },
  'cfdi.unknown-outcome': {
    title: 'Nobody knows whether it was stamped',
    status: 409,
    es: 'No se sabe si el PAC timbró el comprobante. Se le pregunta antes de hacer otra cosa.',
    en: 'Nobody knows whether the PAC stamped it. The PAC is asked before anything else is done.',
  },
  'cfdi.foreign-stamp': {
    title: 'The stamp carries another seal',
    es: 'El PAC devolvió un timbre de otro comprobante. Requiere revisión de una persona.',
    en: 'The PAC returned a stamp of another comprobante. A person must look at it.',
  },
  'cfdi.storage': {
    title: 'The document cannot be kept under its name',
    es: 'El almacén de archivos no puede guardar el documento con su nombre. El timbre está a salvo; vea el detalle y reintente.',
    en: 'Object storage cannot keep the document under its name. The stamp is safe; see the detail and retry.',
  },
  'cfdi.undrawable': {
    title: 'The PDF cannot be drawn',
    es: 'No se puede dibujar el PDF. El timbre y el XML están a salvo; vea el detalle y avise a soporte.',
    en: 'The PDF cannot be drawn. Stamp and XML are safe; see the detail and tell support.',
  },
});
