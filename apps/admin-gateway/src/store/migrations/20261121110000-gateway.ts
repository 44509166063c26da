import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens, idempotency keys and the audit log: all that the gateway owns in Postgres. */
export class Gateway20261121110000 implements MigrationInterface {
  readonly name = 'Gateway20261121110000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TOKEN);
    await runner.query(IDEMPOTENCY);
    await runner.query(AUDIT);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

const TOKEN = `
CREATE TABLE gateway.token (
  id           uuid PRIMARY KEY,
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  role         text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  hash         bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at   timestamptz
);
COMMENT ON TABLE gateway.token IS 'API tokens; hash is SHA-256 of the token, which is kept nowhere.';`;

const IDEMPOTENCY = `
CREATE TABLE gateway.idempotency (
  caller      uuid NOT NULL,
  key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
  status      smallint,
  answer      text,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_age ON gateway.idempotency (created_at);
COMMENT ON TABLE gateway.idempotency IS 'First answers by Idempotency-Key, written in the transaction of the work; forgotten after some days.';`;

const AUDIT = `
CREATE TABLE gateway.audit (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at          timestamptz NOT NULL,
  caller_kind text NOT NULL,
  caller_id   uuid,
  caller_name text NOT NULL,
  role        text NOT NULL,
  address     inet NOT NULL,
  action      text NOT NULL,
  target      text NOT NULL,
  detail      jsonb NOT NULL,
  request_id  uuid NOT NULL
);
CREATE INDEX audit_target ON gateway.audit (target, id);
CREATE FUNCTION gateway.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit log is only ever added to.';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON gateway.audit
  FOR EACH ROW EXECUTE FUNCTION gateway.refuse_change();
COMMENT ON TABLE gateway.audit IS 'Who changed what, from where and when.';`;
