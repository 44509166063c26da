import type { Clock } from '@nexora/runtime';
import type { GatewaySettings } from '../gateway.settings.ts';
import { networks, plainAddress } from '../http/cidr.ts';
import { allowedHosts } from '../http/hosts.ts';
import { FailedTokens } from './failed-tokens.ts';

/** The settings of the edge, made ready for use. */
export class EdgeRules {
  readonly isAddressAllowed: (address: string) => boolean;
  readonly isHostAllowed: (host: string) => boolean;
  readonly failedTokens: FailedTokens;

  constructor(settings: GatewaySettings, clock: Clock) {
    const monotonic = (): number => clock.monotonic();
    const isInside = networks(settings.ADMIN_ALLOWED_CIDRS);
    this.isAddressAllowed = (address) => isInside(plainAddress(address));
    this.isHostAllowed = allowedHosts(settings.GATEWAY_ALLOWED_HOSTS, monotonic);
    this.failedTokens = new FailedTokens(settings.GATEWAY_WRONG_TOKENS_PER_MINUTE, monotonic);
  }
}
