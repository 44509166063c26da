import { NOT_YET } from './202611212100-tables.sql.ts';
import { DEFINER } from './sql-migration.ts';

/** What other rooms may see and ask. */
export const own = `
-- All that is answered to whoever asks for the licence, except what waits for it.
CREATE VIEW license.answered AS
SELECT a.answer || jsonb_build_object('crl', (a.answer -> 'crl') || jsonb_build_object('ageSeconds',
         floor(date_part('epoch', agents.now() - (a.answer #>> '{crl,issuedAt}')::timestamptz)))) AS state
  FROM (VALUES (true)) one (there)
  LEFT JOIN license.state s ON s.only_row
 CROSS JOIN LATERAL (SELECT coalesce(s.answer, ${NOT_YET}) AS answer) a;

-- A request that a person carries to the portal. Its number stays good for 30 days.
CREATE FUNCTION license.request() RETURNS jsonb LANGUAGE plpgsql ${DEFINER} AS $$
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

/** The face of this room in the schema that the gateway knows. */
export const face: readonly string[] = [
  `CREATE VIEW agents.license_state AS
   SELECT a.state || jsonb_build_object('waits', coalesce((SELECT jsonb_agg(jsonb_build_object(
            'kind', w.kind, 'waiting', w.waiting) ORDER BY w.kind) FROM agents.waits_for_license w), '[]')) AS state
     FROM license.answered a`,
  `CREATE FUNCTION agents.license_request() RETURNS jsonb LANGUAGE sql AS 'SELECT license.request()'`,
];
