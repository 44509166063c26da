/** How far the licence carries the house, from all to what is limited; the license agent decides, the ledger obeys. */
export const LICENSE_MODES = ['valid', 'grace', 'limited', 'revoked', 'invalid'] as const;

/** Mode of the licence. */
export type LicenseMode = (typeof LICENSE_MODES)[number];

/** True for the modes in which work that needs a licence waits; what is under way goes on. */
export function isLimited(mode: LicenseMode): boolean {
  return mode !== 'valid' && mode !== 'grace';
}
