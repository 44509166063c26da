import { falta, type Falta } from './falta.ts';

/** What is said of a document whose issuer the house does not know. */
export function emisorDesconocido(): Falta {
  return falta(
    'emisor',
    'cfdi.unknown-issuer',
    'El emisor no está registrado en este sistema.',
    'Registre el emisor y su certificado de sello (CSD), o corrija su RFC.',
  );
}
