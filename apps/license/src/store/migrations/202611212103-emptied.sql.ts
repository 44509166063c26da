/** What is answered while nobody has looked yet. */
const NOT_YET = `'{
    "id": null, "customer": null, "rfc": null, "plan": null, "entitlements": null, "binding": null, "issuedAt": null,
    "notBefore": null, "validUntil": null, "paidUntil": null, "minCrl": null, "kid": null,
    "mode": "invalid", "reason": "no license", "message": "Todavía no se ha revisado la licencia.",
    "graceDaysLeft": null, "lastCheck": null, "lastSuccess": null, "nextCheck": null, "lastRefusal": null,
    "clock": {"verdict": "ok", "offBySeconds": 0, "time": null, "mark": null},
    "crl": {"series": null, "number": 0, "issuedAt": null, "nextUpdate": null, "ageSeconds": null, "stale": false,
            "revoked": 0},
    "machine": {"match": null, "same": true, "changedAt": null, "rebindAllowedAt": null, "unread": []},
    "refusedKeys": []
  }'::jsonb`;

/** A table that somebody emptied: whoever asks is answered, and the agents are rung, who put back what the folder knows. */
export const emptied = `
CREATE OR REPLACE FUNCTION license.begin() RETURNS void LANGUAGE sql AS $$
  INSERT INTO license.state (answer) VALUES (${NOT_YET}) ON CONFLICT DO NOTHING
$$;

CREATE OR REPLACE VIEW license.answered AS
SELECT a.answer || jsonb_build_object('crl', (a.answer -> 'crl') || jsonb_build_object('ageSeconds',
         floor(date_part('epoch', agents.now() - (a.answer #>> '{crl,issuedAt}')::timestamptz)))) AS state
  FROM (VALUES (true)) one (there)
  LEFT JOIN license.state s ON s.only_row
 CROSS JOIN LATERAL (SELECT coalesce(s.answer, ${NOT_YET}) AS answer) a;

CREATE FUNCTION license.emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('agents_license', 'emptied');
  RETURN NULL;
END $$;
CREATE TRIGGER emptied AFTER DELETE ON license.state FOR EACH STATEMENT EXECUTE FUNCTION license.emptied();
CREATE TRIGGER emptied_whole AFTER TRUNCATE ON license.state FOR EACH STATEMENT EXECUTE FUNCTION license.emptied();
`;
