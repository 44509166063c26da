import type { LicenseMode } from '@nexora/contracts';

/** What the clock was found to be, against what is known of time. Seconds; times ISO 8601 in UTC. */
interface ClockState {
  readonly verdict: 'ok' | 'note' | 'behind' | 'ahead';
  /** Seconds by which the clock on the wall is ahead of the time that counts; negative when behind. */
  readonly offBySeconds: number;
  /** The time that counted. */
  readonly time: string | null;
  /** Highest signed time seen plus boot time since. */
  readonly mark: string | null;
}

/** What is known of the revocation list. Number 0: there is none yet, nothing is revoked. */
export interface CrlState {
  readonly series: string | null;
  readonly number: number;
  readonly issuedAt: string | null;
  readonly nextUpdate: string | null;
  readonly ageSeconds: number | null;
  readonly stale: boolean;
  /** Licences that it revokes or suspends. */
  readonly revoked: number;
}

/** Whether the machine is the one of the licence. */
export interface MachineState {
  /** Equal facts of three; null when the licence is not bound. */
  readonly match: number | null;
  readonly same: boolean;
  /** Since when it is another one. */
  readonly changedAt: string | null;
  /** From when on the owner may rebind; null: now. */
  readonly rebindAllowedAt: string | null;
  /** Facts of three that cannot be read here: `machine-id`, `serial`. They follow the installation id, and tell no copy of it. */
  readonly unread: readonly string[];
}

/** The portal's last signed "no". */
export interface LastRefusal {
  readonly code: string;
  readonly message: string;
  readonly at: string;
}

/** The licence as `GET /api/admin/license` and `license -- show --json` tell it. Times are ISO 8601 in UTC. */
export interface LicenseState {
  readonly id: string | null;
  readonly customer: string | null;
  readonly rfc: string | null;
  readonly plan: string | null;
  readonly entitlements: {
    readonly features: readonly string[];
    readonly quantities: Readonly<Record<string, number>>;
  } | null;
  readonly binding: readonly string[] | null;
  readonly issuedAt: string | null;
  readonly notBefore: string | null;
  readonly validUntil: string | null;
  readonly paidUntil: string | null;
  readonly minCrl: number | null;
  readonly kid: string | null;
  readonly mode: LicenseMode;
  readonly reason: string | null;
  /** The same for the owner. */
  readonly message: string;
  readonly graceDaysLeft: number | null;
  readonly lastCheck: string | null;
  readonly lastSuccess: string | null;
  readonly nextCheck: string | null;
  readonly lastRefusal: LastRefusal | null;
  readonly clock: ClockState;
  readonly crl: CrlState;
  readonly machine: MachineState;
  readonly refusedKeys: readonly { readonly position: number; readonly start: string; readonly why: string }[];
  /** Kinds that need a licence, and how many of their jobs wait for it now; added by the view. */
  readonly waits: readonly { readonly kind: string; readonly waiting: number }[];
}

/** The same as it is stored: the view adds what waits. */
export type StoredState = Omit<LicenseState, 'waits'>;
