import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { openLicense, readKeys, Refused, seal, type Envelope } from '@nexora/licensing';
import { houseTime } from '../state.ts';
import { BookFile } from './book-file.ts';
import { firstCrl, isCrlDue, nextCrl } from './crl.ts';
import { makeKey, readKey } from './keys.ts';
import type { RenewalRequest } from './offline.ts';
import { licenseOf, renewedLicense, timeIn, validDaysIn, type Order } from './order.ts';
import type { Book, CrlRecord, KeyRecord, LicensePayload, LicenseRecord, ReplyPayload } from './records.ts';
import { OfficeRefused } from './refused.ts';
import { judgeRenewal, type Ruling } from './renewal.ts';

/** A document that was given out. */
export interface Issued {
  readonly id: string;
  readonly license: LicensePayload;
  readonly envelope: Envelope;
}

/** A signed reply and what stands in it. */
export interface Replied {
  readonly reply: ReplyPayload;
  readonly envelope: Envelope;
  /** The licence in it; null when refused. */
  readonly license: LicensePayload | null;
  readonly ruling: Ruling;
}

/** What a renewal by the vendor's own hand may change. */
export interface RenewalTerms {
  readonly paidUntil?: string | Date;
  readonly validDays?: number;
}

type Status = LicenseRecord['status'];

/** Folder of the office below a sandbox's directory. */
const officeFolder = 'office';

/** Bytes of a licence that fits, in base64, into a reply of 64 KiB. */
const largestLicense = 40 * 1024;

/**
 * The vendor's office: it issues licences, keeps them and its keys in files, and answers installations. It works on the
 * folder whether the portal runs or not, and any number of processes may have it open: nothing is kept in memory.
 * Errors of every method: OfficeRefused with a sentence, and then nothing has changed; those of the file system.
 */
export class Vendor {
  private readonly file: BookFile;
  private readonly now: () => Date;

  private constructor(file: BookFile, now: () => Date) {
    this.file = file;
    this.now = now;
  }

  /** Opens the office of a sandbox's directory; the first time it makes its keys. `now` is the house's time. */
  static async open(dir: string, now = (): Date => houseTime(dir)): Promise<Vendor> {
    const vendor = new Vendor(await BookFile.open(join(dir, officeFolder)), now);
    await vendor.book();
    return vendor;
  }

  /** Makes a licence and keeps it. */
  async issue(order: Order): Promise<Issued> {
    return this.change(async (book, now) => {
      const license = licenseOf(order, now);
      if (book.licenses.some((record) => record.license.id === license.id)) {
        throw new OfficeRefused(`there is a licence ${license.id} already`);
      }
      const envelope = seal('license', license, await this.signingKey(book));
      assertReadable(envelope, book);
      const record: LicenseRecord = {
        license,
        envelope,
        validDays: validDaysIn(order.validDays ?? 30),
        bindsAtFirstRenewal: order.bindsAtFirstRenewal ?? false,
        status: 'active',
        reboundAt: null,
      };
      return { book: { ...book, licenses: [...book.licenses, record] }, answer: { id: license.id, license, envelope } };
    });
  }

  /** Gives out the next document of a licence by the vendor's own hand, for instance when it was paid. */
  async renew(id: string, terms: RenewalTerms = {}): Promise<Issued> {
    return this.change(async (book, now) => {
      const record = recordOf(book, id);
      const paidUntil = terms.paidUntil === undefined ? undefined : timeIn('paid until', terms.paidUntil);
      const validDays = validDaysIn(terms.validDays ?? record.validDays);
      const changed = { ...record, license: { ...record.license, paidUntil: paidUntil ?? record.license.paidUntil } };
      assertRenewable({ ...changed, validDays }, now);
      const renewed = await this.reissue(book, { ...changed, validDays }, record.license.binding, now);
      return { book: withRecord(book, renewed), answer: { id, ...renewed } };
    });
  }

  /** Ends a licence for good. */
  async revoke(id: string): Promise<void> {
    await this.setStatus(id, 'revoked', ['active', 'suspended']);
  }

  /** Stops a licence until it is reinstated. */
  async suspend(id: string): Promise<void> {
    await this.setStatus(id, 'suspended', ['active']);
  }

  async reinstate(id: string): Promise<void> {
    await this.setStatus(id, 'active', ['suspended']);
  }

  /**
   * A new pair of keys signs from now on, and the revocation list starts a new series. The old public key stays listed:
   * what it signed is good wherever it is still trusted.
   */
  async rotate(): Promise<KeyRecord> {
    return this.change(async (book, now) => {
      const key = await makeKey(this.file.folder, now);
      const retired = book.keys.map((known) => ({ ...known, until: known.until ?? now.toISOString() }));
      // Numbers of the series that was left mean nothing in the new one.
      const licenses = book.licenses.map((record) => ({ ...record, license: { ...record.license, minCrl: 0 } }));
      const rotated = { ...book, keys: [key, ...retired], licenses };
      return { book: { ...rotated, crl: await this.signCrl(rotated, firstCrl(rotated, key, now)) }, answer: key };
    });
  }

  /** The revocation list of now; one that is half way to its next update is followed by the next. */
  async crl(): Promise<CrlRecord> {
    const book = await this.book();
    if (!isCrlDue(book.crl.crl, this.now())) return book.crl;
    return this.change(async (present, now) => {
      const due = isCrlDue(present.crl.crl, now);
      const crl = due ? await this.signCrl(present, nextCrl(present, present.crl.crl, now)) : present.crl;
      return { book: { ...present, crl }, answer: crl };
    });
  }

  /** The revocation list as it was given out last, however old it is. */
  async frozenCrl(): Promise<CrlRecord> {
    return (await this.book()).crl;
  }

  /** Answers an installation that asks, over the line or by hand. The reply is signed, a refusal too. */
  async answer(request: RenewalRequest, now = this.now()): Promise<Replied> {
    return this.change(async (book) => {
      const record = book.licenses.find(({ license }) => license.id === request.id);
      const ruling = judgeRenewal(record, request.binding, now);
      const isRenewed = ruling.kind === 'renew' && record !== undefined;
      const renewed = isRenewed
        ? await this.reissue(book, rebound(record, ruling.rebound, now), ruling.binding, now)
        : null;
      const reply: ReplyPayload = {
        nonce: request.nonce,
        time: now.toISOString(),
        licenseId: request.id,
        license: renewed?.envelope ?? null,
        refusal: ruling.kind === 'refuse' ? ruling.refusal : null,
      };
      const envelope = seal('reply', reply, await this.signingKey(book));
      const answer = { reply, envelope, license: renewed?.license ?? null, ruling };
      return { book: renewed === null ? book : withRecord(book, renewed), answer };
    });
  }

  /** Every licence, oldest first. */
  async list(): Promise<readonly LicenseRecord[]> {
    return (await this.book()).licenses;
  }

  /** Every pair of keys, the one that signs first. */
  async keys(): Promise<readonly KeyRecord[]> {
    return (await this.book()).keys;
  }

  /** Public keys in hexadecimal digits, the one that signs first; joined by commas they are LICENSE_PUBLIC_KEY_HEX. */
  async publicKeysHex(): Promise<string[]> {
    return (await this.keys()).map((key) => key.publicKeyHex);
  }

  /** The private key that signs now, for the portal's misbehaviours. */
  async privateKey(): Promise<KeyObject> {
    return this.signingKey(await this.book());
  }

  private async setStatus(id: string, status: Status, from: readonly Status[]): Promise<void> {
    await this.change(async (book, now) => {
      const record = recordOf(book, id);
      if (!from.includes(record.status)) throw new OfficeRefused(`licence ${id} is ${record.status}`);
      const changed = withRecord(book, { ...record, status });
      const crl = await this.signCrl(changed, nextCrl(changed, book.crl.crl, now));
      return { book: { ...changed, crl }, answer: undefined };
    });
  }

  private async reissue(
    book: Book,
    record: LicenseRecord,
    binding: LicensePayload['binding'],
    now: Date,
  ): Promise<LicenseRecord> {
    const { paidUntil } = record.license;
    const license = renewedLicense(record.license, now, { binding, paidUntil, validDays: record.validDays });
    return { ...record, license, envelope: seal('license', license, await this.signingKey(book)) };
  }

  private async signCrl(book: Pick<Book, 'keys'>, crl: CrlRecord['crl']): Promise<CrlRecord> {
    return { crl, envelope: seal('crl', crl, await this.signingKey(book)) };
  }

  private async signingKey({ keys: [key] }: Pick<Book, 'keys'>): Promise<KeyObject> {
    if (key === undefined) throw new OfficeRefused('the office has no key');
    return readKey(this.file.folder, key.kid);
  }

  private async book(): Promise<Book> {
    return (await this.file.read()) ?? this.change(async (book) => ({ book, answer: book }));
  }

  /** Changes the book as it is now; an office without one gets it, with its first key and its first revocation list. */
  private async change<T>(work: (book: Book, now: Date) => Promise<{ book: Book; answer: T }>): Promise<T> {
    return this.file.change(async (found) => {
      const now = this.now();
      const { book, answer } = await work(found ?? (await this.foundedOffice(now)), now);
      return { book, answer };
    });
  }

  private async foundedOffice(now: Date): Promise<Book> {
    const key = await makeKey(this.file.folder, now);
    const empty = { keys: [key], licenses: [] };
    return { ...empty, crl: await this.signCrl(empty, firstCrl(empty, key, now)) };
  }
}

/** Refuses what installations would refuse: a text with a line feed, or a document too long for the reply that brings it. */
function assertReadable(envelope: Envelope, { keys }: Pick<Book, 'keys'>): void {
  if (Buffer.byteLength(JSON.stringify(envelope)) > largestLicense) {
    throw new OfficeRefused(`the licence is too long: a file may have ${largestLicense} bytes`);
  }
  try {
    openLicense(envelope, readKeys(keys.map((key) => key.publicKeyHex).join(',')).keyring);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new OfficeRefused(`no installation would read this licence: ${error.message}`);
  }
}

function recordOf(book: Book, id: string): LicenseRecord {
  const record = book.licenses.find(({ license }) => license.id === id);
  if (record === undefined) throw new OfficeRefused(`there is no licence ${id}`);
  return record;
}

function withRecord(book: Book, changed: LicenseRecord): Book {
  const { id } = changed.license;
  return { ...book, licenses: book.licenses.map((record) => (record.license.id === id ? changed : record)) };
}

function assertRenewable({ license, status }: LicenseRecord, now: Date): void {
  if (status !== 'active') throw new OfficeRefused(`licence ${license.id} is ${status}`);
  if (Date.parse(license.paidUntil) > now.getTime()) return;
  throw new OfficeRefused(`licence ${license.id} is paid until ${license.paidUntil} only`);
}

function rebound(record: LicenseRecord, isRebound: boolean, now: Date): LicenseRecord {
  return isRebound ? { ...record, reboundAt: now.toISOString() } : record;
}
