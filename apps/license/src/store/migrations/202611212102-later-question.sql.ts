import { DEFINER } from './sql-migration.ts';

/** A question on paper knows how often the time had been set right: so it is known to be later than a refusal, by no clock. */
export const laterQuestion = `
CREATE OR REPLACE FUNCTION license.request() RETURNS jsonb LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  s     license.state;
  -- 244 random bits.
  fresh constant text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
BEGIN
  SELECT * INTO s FROM license.state;
  IF s.answer ->> 'id' IS NOT NULL AND s.binding IS NOT NULL AND s.mark IS NOT NULL THEN
    DELETE FROM license.nonce n WHERE n.made_at NOT BETWEEN agents.now() - interval '30 days'
                                                        AND agents.now() + interval '30 days';
    INSERT INTO license.nonce (nonce, license_id, asked)
    VALUES (fresh, s.answer ->> 'id', jsonb_build_object('bootId', s.mark -> 'bootId', 'bootMs', s.mark -> 'bootMs',
      'counted', s.mark -> 'counted', 'setRight', s.mark -> 'setRight'));
    RETURN jsonb_build_object('licenseId', s.answer ->> 'id', 'nonce', fresh, 'binding', s.binding, 'portal', s.portal);
  END IF;
  RETURN jsonb_build_object('licenseId', NULL, 'nonce', NULL, 'binding', NULL, 'portal', s.portal);
END $$;
`;
