/** Why the mode is not `valid`: short English words that other programs may compare. */
export type Reason =
  | 'no license'
  | 'no key'
  | 'unknown key'
  | 'bad signature'
  | 'unreadable'
  | 'file expired'
  | 'contract ended'
  | 'revocation list stale'
  | 'machine changed'
  | 'revoked'
  | 'suspended';

/** Why a file, a reply or a list was not taken. */
export type RefusalReason =
  | Extract<
      Reason,
      'no license' | 'no key' | 'unknown key' | 'bad signature' | 'unreadable' | 'file expired' | 'contract ended'
    >
  | 'not valid yet'
  | 'too large'
  | 'too early'
  | 'from the future'
  | 'older'
  | 'wrong nonce'
  | 'other license'
  | 'other series'
  | 'left series'
  | 'lower number'
  | 'same number, other bytes';

/** One sentence in both languages: Spanish for owners, English for logs and the command line. */
export interface Sentence {
  es: string;
  en: string;
}

/** A document that is not taken: nothing of it is believed, and what the house has stays as it is. */
export class Refused extends Error {
  override readonly name = 'Refused';

  readonly reason: RefusalReason;

  /** The sentence for owners. `message` says the same in English. */
  readonly es: string;

  /** Somebody with the vendor's key says two things at once: tell a person, do not just log it. */
  readonly alarm: boolean;

  constructor(reason: RefusalReason, sentence: Sentence, alarm = false) {
    super(sentence.en);
    this.reason = reason;
    this.es = sentence.es;
    this.alarm = alarm;
  }
}
