import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../http/call.ts';
import { plainAddress } from '../http/cidr.ts';
import { EdgeEvents } from '../http/edge-events.ts';
import { originHost } from '../http/hosts.ts';
import { Problem, retryAfter } from '../http/problem.ts';
import { allows, type Access, type Role } from './roles.ts';
import { EdgeRules } from './edge-rules.ts';
import { Tokens } from './tokens.ts';

/**
 * Who may come in. Runs before a byte of the body is read, so strangers cost nothing and learn nothing: first the
 * network, then the host names, then the token, then the role. Denies by default.
 */
@Injectable()
export class Gate {
  constructor(
    private readonly rules: EdgeRules,
    private readonly tokens: Tokens,
    private readonly events: EdgeEvents,
  ) {}

  /**
   * Refuses who is outside the networks or speaks to another host.
   * @throws Problem 403, 421.
   */
  checkOrigin(request: FastifyRequest): void {
    if (!this.rules.isAddressAllowed(request.ip)) {
      throw new Problem('http.forbidden', 'This address may not use the API. Add its network to ADMIN_ALLOWED_CIDRS.');
    }
    const { host, origin } = request.headers;
    const originName = origin === undefined ? null : (originHost(origin) ?? 'null');
    for (const name of [host ?? '', ...(originName === null ? [] : [originName])]) {
      if (this.rules.isHostAllowed(name)) continue;
      throw new Problem(
        'http.misdirected',
        'This host name is not one of the gateway. Use one of its names, or add this one to GATEWAY_ALLOWED_HOSTS.',
      );
    }
  }

  /**
   * The caller, once the token is valid and its role suffices; null on a public route.
   * @throws Problem 401, 403, 429, and 503 while Postgres is away.
   */
  async admit(request: FastifyRequest, access: Access): Promise<Caller | null> {
    if (access === 'public') return null;
    const token = bearerToken(request.headers.authorization);
    if (token === null) throw unauthorized('Send a token: Authorization: Bearer <token>.', '');
    const caller = await this.tokens.callerOf(token);
    if (caller === null) throw this.#wrongToken(request);
    if (!allows(caller.role, access)) throw forbidden(caller.role, access);
    return caller;
  }

  #wrongToken(request: FastifyRequest): Problem {
    this.events.tokenRefused();
    const waitSeconds = this.rules.failedTokens.count(plainAddress(request.ip));
    if (waitSeconds === null) {
      const detail = 'The token is unknown, expired or revoked. Make a new one with: npm run admin -- create-token.';
      return unauthorized(detail, ', error="invalid_token"');
    }
    return new Problem(
      'http.too-many-requests',
      'Too many wrong tokens came from this address. Wait, then try again.',
      {
        headers: retryAfter(waitSeconds),
      },
    );
  }
}

function bearerToken(header: string | undefined): string | null {
  return /^Bearer +([^\s]+) *$/i.exec(header ?? '')?.[1] ?? null;
}

function unauthorized(detail: string, parameters: string): Problem {
  return new Problem('http.unauthorized', detail, {
    headers: { 'www-authenticate': `Bearer realm="nexora"${parameters}` },
  });
}

function forbidden(role: Role, needed: Role): Problem {
  return new Problem('http.forbidden', `This needs the role ${needed}; the token has ${role}. Use another token.`);
}
