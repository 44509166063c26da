/** A month of an issuer is read without reading all of its comprobantes. */
export const months = `
CREATE INDEX comprobante_month ON cfdi.comprobante (issuer, fecha, uuid) WHERE uuid IS NOT NULL;
`;
