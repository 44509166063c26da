/** Tables of the license agent: one row that says all, and what must be remembered besides. */
export const tables = `
-- What is known of the licence. Its row is locked by whoever decides; LICENSE_DIR/state.json holds the same outside.
CREATE TABLE license.state (
  only_row           boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- Envelopes as they came; nothing in them is believed before it is verified, each time.
  document           jsonb,
  crl                jsonb,
  crl_etag           text,
  -- Series of revocation lists that a rotation has left: they never come back.
  left_series        text[] NOT NULL DEFAULT '{}',
  -- The highest time seen, see libs/licensing.
  mark               jsonb,
  -- The portal's signed refusal with what it answered: {envelope, nonce, licenseId}.
  refusal            jsonb,
  machine_changed_at timestamptz,
  rebound_at         timestamptz,
  installation_id    text,
  -- What was decided last; NULL before the first time.
  mode               text CHECK (mode IN ('valid', 'grace', 'limited', 'revoked', 'invalid')),
  reason             text,
  verdict            text,
  -- What is answered to whoever asks; the view adds what changes by itself.
  answer             jsonb NOT NULL,
  last_success       timestamptz,
  crl_checked_at     timestamptz,
  -- A person asked for a renewal that could not be had yet.
  renewal_asked      boolean NOT NULL DEFAULT false,
  -- For requests on paper: the binding to send, and where to.
  binding            jsonb,
  portal             text NOT NULL DEFAULT ''
);

-- Numbers that a reply may answer. Kept for 30 days, since a reply may be carried by hand.
CREATE TABLE license.nonce (
  nonce      text PRIMARY KEY CHECK (nonce ~ '^[0-9a-f]{64}$'),
  license_id text NOT NULL,
  -- When it was asked, by what the house counts: {bootId, bootMs, counted}.
  asked      jsonb NOT NULL,
  -- SHA-256 of the reply that answered it: it answers once, and the same reply again is nothing new.
  answered   text,
  made_at    timestamptz NOT NULL DEFAULT agents.now()
);

-- Each warning once: which licence, which end of it, how many days before.
CREATE TABLE license.warning (
  license_id text NOT NULL,
  key        text NOT NULL,
  warned_at  timestamptz NOT NULL DEFAULT agents.now(),
  PRIMARY KEY (license_id, key)
);

-- Every change of mode, document, revocation list and clock mark. Nothing of it is ever changed or removed.
CREATE TABLE license.history (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at     timestamptz NOT NULL DEFAULT agents.now(),
  what   text NOT NULL CHECK (what IN ('mode', 'document', 'crl', 'clock', 'machine', 'refusal', 'refused', 'rebind')),
  before jsonb,
  after  jsonb
);
CREATE INDEX history_by_time ON license.history (at);

CREATE FUNCTION license.history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The history of the licence is written once: nothing of it is changed or removed.' USING ERRCODE = 'NX003';
END $$;
CREATE TRIGGER history_stays BEFORE UPDATE OR DELETE ON license.history
  FOR EACH ROW EXECUTE FUNCTION license.history_stays();
CREATE TRIGGER history_stays_whole BEFORE TRUNCATE ON license.history
  FOR EACH STATEMENT EXECUTE FUNCTION license.history_stays();
`;

/** What is answered while nobody has looked yet. */
export const NOT_YET = `'{
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

/** One row, made again should somebody empty the table; the agents are rung then, who put back what the folder knows. */
export const begin = `
CREATE FUNCTION license.begin() RETURNS void LANGUAGE sql AS $$
  INSERT INTO license.state (answer) VALUES (${NOT_YET}) ON CONFLICT DO NOTHING
$$;
SELECT license.begin();

CREATE FUNCTION license.emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('agents_license', 'emptied');
  RETURN NULL;
END $$;
CREATE TRIGGER emptied AFTER DELETE ON license.state FOR EACH STATEMENT EXECUTE FUNCTION license.emptied();
CREATE TRIGGER emptied_whole AFTER TRUNCATE ON license.state FOR EACH STATEMENT EXECUTE FUNCTION license.emptied();
`;
