/** A substitute that this house does not know is for the tax authority to judge; of one that it knows all is judged. */
export const sustituto = `
-- Judges motivo and substitute as far as this house can know.
CREATE OR REPLACE FUNCTION cfdi.demand_motivo(c cfdi.comprobante, motivo text, sustituto uuid) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  s cfdi.comprobante;
BEGIN
  IF demand_motivo.motivo IS NULL OR demand_motivo.motivo NOT IN ('01', '02', '03', '04') THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'motivo', 'El motivo de cancelación no está en el catálogo del SAT.',
      'Use 01 (errores, con sustituto), 02 (errores, sin sustituto), 03 (no se llevó a cabo la operación) o 04 (operación nominativa en una factura global).');
  END IF;
  IF demand_motivo.motivo <> '01' AND sustituto IS NOT NULL THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'folioSustitucion', 'Solo el motivo 01 lleva folioSustitucion.',
      'Quite folioSustitucion, o use el motivo 01.');
  END IF;
  IF demand_motivo.motivo <> '01' THEN
    RETURN;
  END IF;
  IF sustituto IS NULL THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'folioSustitucion', 'El motivo 01 exige el folio fiscal (UUID) del comprobante que sustituye a este.',
      'Emita primero el sustituto, con tipoRelacion 04 hacia este, y escriba su UUID en folioSustitucion; sin sustituto use el motivo 02.');
  END IF;
  IF sustituto = c.uuid THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'folioSustitucion', 'folioSustitucion es el mismo comprobante que se cancela.',
      'Escriba el UUID del comprobante nuevo.');
  END IF;
  SELECT * INTO s FROM cfdi.comprobante x WHERE x.uuid = sustituto;
  -- Stamped by another program, in the portal, or lost to a restore: the tax authority knows it and judges (208, 209, 212).
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF s.issuer <> c.issuer THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'folioSustitucion', 'El sustituto es de otro emisor.',
      'Emita el sustituto con el mismo emisor.');
  END IF;
  IF s.estado IN ('cancelacion_pedida', 'cancelado') THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'folioSustitucion', 'El sustituto está cancelado o por cancelarse.',
      'Escriba el UUID de un comprobante vigente.');
  END IF;
  IF NOT EXISTS (SELECT FROM jsonb_array_elements(coalesce(s.document->'relacionados', '[]')) r,
                             jsonb_array_elements_text(r->'uuids') u
                  WHERE r->>'tipoRelacion' = '04' AND lower(btrim(u)) = c.uuid::text) THEN
    PERFORM cfdi.refuse_cancellation('NX422', 'folioSustitucion', 'El sustituto no dice que sustituye a este comprobante.',
      'Emita el sustituto con relacionados [{"tipoRelacion": "04", "uuids": ["' || c.uuid || '"]}], o use el motivo 02.');
  END IF;
END $$;
`;
