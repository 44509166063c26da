/** Namespace of CFDI 4.0. */
export const CFDI = 'http://www.sat.gob.mx/cfd/4';
/** Namespace of the Timbre Fiscal Digital 1.1. */
export const TFD = 'http://www.sat.gob.mx/TimbreFiscalDigital';
/** Namespace of the complemento of payments 2.0. */
export const PAGOS = 'http://www.sat.gob.mx/Pagos20';
/** Namespace of schema hints. */
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
