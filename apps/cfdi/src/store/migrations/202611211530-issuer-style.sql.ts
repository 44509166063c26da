/** How the representación impresa of an issuer looks: logo, colour and language. */
export const issuerStyle = `
ALTER TABLE cfdi.issuer
  ADD COLUMN logo bytea CHECK (octet_length(logo) <= 524288 AND
    (substring(logo FOR 8) = '\\x89504e470d0a1a0a'::bytea OR substring(logo FOR 3) = '\\xffd8ff'::bytea)),
  ADD COLUMN color text CHECK (color ~ '^#[0-9a-f]{6}$'),
  ADD COLUMN idioma text NOT NULL DEFAULT 'es' CHECK (idioma IN ('es', 'en'));
COMMENT ON COLUMN cfdi.issuer.logo IS 'PNG or JPEG, at most 512 kB, printed on top of the PDF. NULL: no logo.';
COMMENT ON COLUMN cfdi.issuer.color IS 'Colour of headings, #rrggbb. NULL: the colour of the house.';

-- Sets all three at once; NULL takes logo or colour away. Whether the logo is a real image is for the caller to judge.
CREATE FUNCTION cfdi.put_issuer_style(rfc text, logo bytea, color text, idioma text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = cfdi, pg_temp AS $$
BEGIN
  UPDATE cfdi.issuer i
     SET logo = put_issuer_style.logo, color = lower(put_issuer_style.color),
         idioma = coalesce(put_issuer_style.idioma, 'es')
   WHERE i.rfc = put_issuer_style.rfc;
  IF NOT FOUND THEN
    PERFORM cfdi.refuse('NX404', cfdi.fault('cfdi.not-found', 'rfc', 'El emisor no está dado de alta.',
      'Dé de alta al emisor antes de cambiar la imagen de sus facturas.'));
  END IF;
EXCEPTION WHEN check_violation THEN
  PERFORM cfdi.refuse('NX422', cfdi.fault('cfdi.pattern', 'logo',
    'El logotipo no es PNG o JPEG de hasta 512 kB, el color no es como #1f4e79, o el idioma no es es ni en.',
    'Corrija el dato que no cumple.'));
END $$;
`;

/** The same for the gateway, in the schema that it knows. */
export const issuerStyleFace: readonly string[] = [
  `CREATE FUNCTION agents.put_issuer_style(rfc text, logo bytea, color text, idioma text) RETURNS void
   LANGUAGE sql AS 'SELECT cfdi.put_issuer_style(rfc, logo, color, idioma)'`,
];
