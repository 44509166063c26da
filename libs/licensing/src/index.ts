export { bindingOf, unreadFacts, usefulFact, type FactName, type Facts } from './binding.ts';
export { takeCrl } from './crl.ts';
export { decide, type Decision, type Mode, type SignedRefusal, type Situation } from './decide.ts';
export {
  openCrl,
  openLicense,
  openRenewed,
  openReply,
  type Binding,
  type Crl,
  type License,
  type Reply,
  type Verified,
} from './documents.ts';
export { MAX_BYTES, PREFIX, readEnvelope, type DocumentType, type Envelope } from './envelope.ts';
export { parseStrict } from './json.ts';
export {
  kidOf,
  rawPublicKey,
  readKeys,
  type KeyFault,
  type Keyring,
  type RefusedKey,
  type TrustedKey,
} from './keys.ts';
export { Refused, type Reason, type RefusalReason, type Sentence } from './refused.ts';
export { renewalDue, renewalDueAt, warningsDue, type Warning } from './renewal.ts';
export { identify, seal } from './seal.ts';
export { messageOf } from './sentences.ts';
export { takeLicense } from './taking.ts';
export {
  higherMark,
  parseMark,
  raise,
  readTime,
  setRight,
  waitedSince,
  type Asked,
  type ClockVerdict,
  type Reading,
  type TimeMark,
  type TimeRead,
} from './time-mark.ts';
