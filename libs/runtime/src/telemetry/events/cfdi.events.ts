import { events } from '../event-spec.ts';

/** What the CFDI agent tells. Never an RFC, a name or a figure: the comprobante's id leads to them. */
export const CFDI_EVENTS = events({
  'comprobante-stamped': {
    level: 'info',
    doc: 'The PAC stamped a comprobante; `previous` when it had stamped the same bytes before and only the answer was lost.',
    fields: { comprobante: 'id', pac: 'name', previous: 'flag', durationMs: 'number' },
    metrics: [
      { metric: 'nexora_stampings_total', labels: { outcome: '=stamped' } },
      { metric: 'nexora_pac_seconds', value: 'durationMs', per: 1000, labels: { outcome: '=stamped' } },
    ],
  },
  'comprobante-not-stamped': {
    level: 'warn',
    doc: 'A try at the PAC did not give a stamp: refused for good, nothing left the house, or nobody knows yet.',
    fields: { comprobante: 'id', pac: 'name', outcome: 'name', code: 'text', durationMs: 'number' },
    metrics: [
      { metric: 'nexora_stampings_total', labels: { outcome: 'outcome' } },
      { metric: 'nexora_pac_seconds', value: 'durationMs', per: 1000, labels: { outcome: 'outcome' } },
    ],
  },
  'comprobante-rejected': {
    level: 'error',
    doc: 'A person must mend the data of a comprobante; `software` when the fault is in this program.',
    fields: { comprobante: 'id', code: 'text', software: 'flag' },
  },
  'comprobante-in-review': {
    level: 'error',
    doc: 'The outcome at the PAC is unknown and must not be guessed: a person must look.',
    fields: { comprobante: 'id', code: 'text' },
  },
  'comprobante-not-kept': {
    level: 'error',
    doc: 'A comprobante is stamped, but the job that stores its XML or draws its PDF died or was cancelled.',
    fields: { comprobante: 'id', code: 'text' },
  },
  'issuer-paused': {
    level: 'error',
    doc: 'The account at the PAC or the CSD of an issuer refuses: its comprobantes wait, and are tried again by themselves.',
    fields: { code: 'text', reason: 'text' },
  },
  'issuer-resumed': { level: 'info', doc: 'A paused issuer can be stamped again.', fields: {} },
  'pac-clock-off': {
    level: 'warn',
    doc: 'The clock of this machine and that of the PAC differ by more than 2 min; `stops`: by more than 5 min, and nothing is sealed.',
    fields: { skewMs: 'number', stops: 'flag' },
  },
  'pac-clock-right': {
    level: 'info',
    doc: 'The clock of this machine and that of the PAC agree again.',
    fields: { skewMs: 'number' },
  },
  'comprobante-resealed': {
    level: 'warn',
    doc: 'A comprobante was sealed anew with the time of that moment; `monthChanged` when that is another month.',
    fields: { comprobante: 'id', monthChanged: 'flag' },
  },
  'restore-searched': {
    level: 'warn',
    doc: 'After a restore object storage was searched: stamps found, stamps of unknown comprobantes, comprobantes that wait for the owner.',
    fields: { found: 'number', strays: 'number', held: 'number' },
  },
  'csd-expiring': {
    level: 'error',
    doc: 'A CSD ends in so many days: renew it at the tax authority and install it. Told once each at 60, 30, 7 and 1 days.',
    fields: { certificate: 'name', warning: 'number', daysLeft: 'number' },
  },
  'csd-days-left': {
    level: 'metric',
    doc: 'How many days the certificate of an issuer goes on; the number of the certificate leads to the issuer.',
    fields: { certificate: 'name', daysLeft: 'number' },
    metrics: [{ metric: 'nexora_csd_days_left', value: 'daysLeft', labels: { certificate: 'certificate' } }],
  },
  'addenda-left-out': {
    level: 'error',
    doc: 'An addenda could not be put into a stamped comprobante; the comprobante is kept without it.',
    fields: { comprobante: 'id', error: 'error' },
  },
  'cancellation-asked': {
    level: 'info',
    doc: 'The tax authority has taken a request to cancel; `previous` when it had it already.',
    fields: { comprobante: 'id', pac: 'name', previous: 'flag', durationMs: 'number' },
    metrics: [{ metric: 'nexora_cancellations_total', labels: { outcome: '=asked' } }],
  },
  'cancellation-not-asked': {
    level: 'warn',
    doc: 'A try to cancel did not reach the tax authority, was refused, or nobody knows yet; it is tried again unless it was refused for good.',
    fields: { comprobante: 'id', pac: 'name', outcome: 'name', code: 'text', durationMs: 'number' },
    metrics: [{ metric: 'nexora_cancellations_total', labels: { outcome: 'outcome' } }],
  },
  'cancellation-decided': {
    level: 'info',
    doc: 'A comprobante is cancelled.',
    fields: { comprobante: 'id', how: 'text' },
    metrics: [{ metric: 'nexora_cancellations_total', labels: { outcome: '=cancelled' } }],
  },
  'cancellation-refused': {
    level: 'error',
    doc: 'A cancellation came to nothing and a person must look: the comprobante stays valid; `software` when the fault is in this program.',
    fields: { comprobante: 'id', code: 'text', software: 'flag' },
    metrics: [{ metric: 'nexora_cancellations_total', labels: { outcome: '=rejected' } }],
  },
  'stamps-left': {
    level: 'metric',
    doc: 'The PAC said how many stamps are left: the fewest of its accounts.',
    fields: { left: 'number' },
    metrics: [{ metric: 'nexora_pac_stamps_left', value: 'left' }],
  },
  'stamps-low': {
    level: 'error',
    doc: 'Few stamps are left at the PAC (below `CFDI_STAMPS_LOW`): buy some before stamping stops. Told again every six hours.',
    fields: { left: 'number', low: 'number' },
    quiet: { ms: 21_600_000, per: [] },
  },
  'stamps-enough': { level: 'info', doc: 'There are enough stamps at the PAC again.', fields: { left: 'number' } },
});
