import type { Shown, Unknown, Unsent } from './answer-kinds.ts';

/** Stamps left in one account. */
export interface Stamps {
  /** Issuer whose account it is; null: one account for all. */
  readonly rfc: string | null;
  /** null: as many as one likes. */
  readonly left: number | null;
}

/** What a PAC said about the stamps left. `refused`: the account may not ask, or does not exist. */
export type Balance = (
  | { readonly kind: 'known'; readonly stamps: readonly Stamps[] }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | Unsent
  | Unknown
) &
  Shown;
