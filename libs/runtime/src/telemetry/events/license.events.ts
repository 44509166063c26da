import { events } from '../event-spec.ts';

/** What the license agent tells. Never a customer, an RFC, a nonce or an envelope. */
export const LICENSE_EVENTS = events({
  'license-checked': {
    level: 'debug',
    doc: 'The licence was looked at; days until its contract and its file end, negative afterwards.',
    fields: { mode: 'name', paidDaysLeft: 'number?', fileDaysLeft: 'number?' },
    metrics: [
      { metric: 'nexora_license_days_left', value: 'paidDaysLeft', labels: { lifetime: '=contract' } },
      { metric: 'nexora_license_days_left', value: 'fileDaysLeft', labels: { lifetime: '=file' } },
      { metric: 'nexora_license_checks_total' },
    ],
  },
  'license-mode-measured': {
    level: 'metric',
    doc: 'Whether the licence is in this mode.',
    fields: { mode: 'name', isNow: 'flag' },
    metrics: [{ metric: 'nexora_license_mode', value: 'isNow', labels: { mode: 'mode' } }],
  },
  'license-mode-changed': {
    level: 'warn',
    doc: 'The licence carries the house farther, or less far, than before. In `limited`, `revoked` and `invalid` new stampings and sendings wait; nothing is lost.',
    fields: { from: 'name?', to: 'name', reason: 'text?' },
  },
  'license-document-taken': {
    level: 'info',
    doc: 'A licence that verifies took the place of the one before: renewed, installed by a person, or found in the folder.',
    fields: { source: 'name' },
    metrics: [{ metric: 'nexora_license_renewals_total', labels: { outcome: '=taken' } }],
  },
  'license-not-renewed': {
    level: 'warn',
    doc: 'The portal was asked and gave no licence to go by; the present one stays, and the portal is asked again.',
    fields: { why: 'name' },
    metrics: [{ metric: 'nexora_license_renewals_total', labels: { outcome: '=not-renewed' } }],
    quiet: { ms: 60_000, per: ['why'] },
  },
  'license-refused': {
    level: 'warn',
    doc: 'A licence, revocation list or reply did not pass; what was there before stays.',
    fields: { source: 'name', reason: 'name' },
    quiet: { ms: 60_000, per: ['source', 'reason'] },
  },
  'license-alarm': {
    level: 'error',
    doc: 'Two revocation lists of the same number differ: somebody signs behind the vendor’s back, or the vendor erred. The one before stays.',
    fields: { reason: 'name' },
    quiet: { ms: 3_600_000, per: [] },
  },
  'license-list-taken': {
    level: 'info',
    doc: 'A newer revocation list took the place of the one before.',
    fields: { number: 'number' },
  },
  'license-list-not-fetched': {
    level: 'warn',
    doc: 'The portal gave no revocation list to look at; the one before stays in force, and it is asked for again.',
    fields: { why: 'name' },
    quiet: { ms: 600_000, per: ['why'] },
  },
  'license-list-stale': {
    level: 'warn',
    doc: 'The revocation list is past its next update; 14 days later the licence counts as not renewed.',
    fields: { number: 'number' },
    quiet: { ms: 21_600_000, per: [] },
  },
  'license-expiring': {
    level: 'error',
    doc: 'The licence ends in so many days: renew it. Told once each at 30, 14, 7, 3 and 1 days; `kinds` will wait afterwards.',
    fields: { days: 'number', kinds: 'names' },
  },
  'license-clock-wrong': {
    level: 'error',
    doc: 'The clock of this machine is behind the time that was signed, or jumped ahead by more than a day; it is not counted.',
    fields: { verdict: 'name', offBySeconds: 'number' },
    quiet: { ms: 3_600_000, per: ['verdict'] },
  },
  'license-machine-changed': {
    level: 'error',
    doc: 'Fewer than two of three facts of the host are those of the licence: rebind it to this machine.',
    fields: { matching: 'number' },
    quiet: { ms: 21_600_000, per: ['matching'] },
  },
  'license-facts-unread': {
    level: 'warn',
    doc: 'So many of the facts that a licence is bound to cannot be read here, so a copy of the house’s volumes passes for this machine. In a container pass LICENSE_MACHINE_ID and LICENSE_SERIAL.',
    fields: { facts: 'names' },
  },
  'license-key-refused': {
    level: 'error',
    doc: 'A key in LICENSE_PUBLIC_KEY_HEX is no key that can be trusted; it is left out, the others serve.',
    fields: { position: 'number', why: 'text' },
  },
  'license-folder-failed': {
    level: 'warn',
    doc: 'What LICENSE_DIR holds could not be read or written: look at the disk and its rights. Postgres holds the same; work goes on.',
    fields: { doing: 'name', error: 'error' },
    quiet: { ms: 600_000, per: ['doing'] },
  },
  'license-check-failed': {
    level: 'warn',
    doc: 'The licence could not be looked at, mostly since Postgres is away; it is tried again soon, and the mode stays.',
    fields: { error: 'error' },
    quiet: { ms: 60_000, per: [] },
  },
});
