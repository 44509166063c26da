import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../http/call.ts';
import { Postgres } from '../store/postgres.ts';
import { hashOfToken, looksLikeToken } from './create-token.ts';
import { isRole } from './roles.ts';

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly hash: Buffer;
}

/** Finds the token by its hash; notes its use, at most once a minute, in the same statement. */
const FIND = `
WITH used AS (
  UPDATE gateway.token SET last_used_at = agents.now()
  WHERE hash = $1 AND revoked_at IS NULL AND expires_at > agents.now()
    AND (last_used_at IS NULL OR last_used_at < agents.now() - interval '1 minute')
)
SELECT id, name, role, hash FROM gateway.token
WHERE hash = $1 AND revoked_at IS NULL AND expires_at > agents.now()`;

/** API tokens as callers present them. */
@Injectable()
export class Tokens {
  constructor(private readonly postgres: Postgres) {}

  /**
   * The caller behind a token, or null when it is unknown, expired or revoked.
   * @throws Problem 503 while Postgres is away.
   */
  async callerOf(token: string): Promise<Caller | null> {
    if (!looksLikeToken(token)) return null;
    const hash = hashOfToken(token);
    const [row] = await this.postgres.query<TokenRow>({ name: 'gateway_token', text: FIND, values: [hash] });
    // The index compares byte by byte; what it found is compared once more in constant time.
    if (row === undefined || !timingSafeEqual(row.hash, hash) || !isRole(row.role)) return null;
    return { kind: 'token', id: row.id, name: row.name, role: row.role };
  }
}
