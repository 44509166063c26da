import { createHash } from 'node:crypto';
import { isRecord, Journal, type Place } from '@nexora/sandbox-kit';
import { cadenaOfTimbre } from './cadena.ts';
import { attribute, namespaces, parse, type XmlElement } from './document.ts';
import type { Stamp } from './timbre.ts';

/** A customid protects for 72 hours from its first use. */
const customidLife = 72 * 3_600_000;

/** A request that reached the PAC, as the log tells it. */
export interface LoggedRequest {
  /** House time, ISO 8601. */
  readonly time: string;
  readonly customid: string | null;
  /** Of the XML as it came, hexadecimal. */
  readonly sha256: string;
  /** The timbre that this request brought about; null when none was stamped. */
  readonly uuid: string | null;
}

/** A timbre of the past. */
export interface Remembered {
  readonly stamp: Stamp;
  /** House time of the request that brought it about. */
  readonly since: Date;
}

interface Kept {
  readonly place: Place;
  readonly durable: Promise<void>;
  /** House time of the request, in milliseconds since 1970. */
  readonly since: number;
}

function digest(sello: string): string {
  return createHash('sha256').update(sello).digest('base64url');
}

function find(element: XmlElement, namespace: string, name: string): XmlElement | undefined {
  if (element.namespace === namespace && element.name === name) return element;
  for (const child of element.children) {
    const found = find(child, namespace, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The timbre of a stamped comprobante, read back. */
function stampIn(cfdi: string): Stamp {
  const { text, root } = parse(Buffer.from(cfdi, 'utf8'));
  const timbre = find(root, namespaces.tfd, 'TimbreFiscalDigital');
  if (timbre === undefined) throw new Error('A kept comprobante has no timbre');
  return {
    uuid: attribute(timbre, 'UUID'),
    fechaTimbrado: attribute(timbre, 'FechaTimbrado'),
    selloCFDI: attribute(timbre, 'SelloCFD'),
    selloSAT: attribute(timbre, 'SelloSAT'),
    noCertificadoSAT: attribute(timbre, 'NoCertificadoSAT'),
    noCertificadoCFDI: attribute(root, 'NoCertificado'),
    cadenaOriginalSAT: cadenaOfTimbre(timbre),
    tfd: text.slice(timbre.place.start, timbre.place.after),
    cfdi,
  };
}

/** Everything that the PAC was sent and what it stamped, kept across restarts in one journal. */
export class Memory {
  readonly requests: LoggedRequest[] = [];
  stamps = 0;
  private readonly bySello = new Map<string, Kept>();
  private readonly byCustomid = new Map<string, Kept>();
  private readonly byUuid = new Map<string, Kept>();
  private journal: Journal | undefined;

  static async open(path: string): Promise<Memory> {
    const memory = new Memory();
    memory.journal = await Journal.open(path, (record, place) => memory.replay(record, place));
    return memory;
  }

  /** The timbre of the document with this Sello, waited for when it is being written. */
  async ofSello(sello: string): Promise<Remembered | undefined> {
    return this.read(this.bySello.get(digest(sello)));
  }

  /** The timbre with this UUID, in letters of either size. */
  async ofUuid(uuid: string): Promise<Remembered | undefined> {
    return this.read(this.byUuid.get(uuid.toLowerCase()));
  }

  /** The timbre that a customid brought about in the last 72 hours. */
  async ofCustomid(customid: string | null, now: Date): Promise<Remembered | undefined> {
    const kept = customid === null ? undefined : this.byCustomid.get(customid);
    return kept !== undefined && now.getTime() - kept.since <= customidLife ? this.read(kept) : undefined;
  }

  /** Keeps a timbre; visible at once to whoever asks, durable when the promise resolves. */
  async keep(request: Omit<LoggedRequest, 'uuid'>, stamp: Stamp): Promise<void> {
    const logged = { ...request, uuid: stamp.uuid };
    const kept = this.log().append({ ...logged, sello: digest(stamp.selloCFDI), cfdi: stamp.cfdi });
    this.remember(logged, digest(stamp.selloCFDI), kept.place, kept.durable);
    this.requests.push(logged);
    await kept.durable;
  }

  /** Notes a request that brought about no timbre. */
  async note(request: Omit<LoggedRequest, 'uuid'>): Promise<void> {
    const logged = { ...request, uuid: null };
    const { durable } = this.log().append(logged);
    this.requests.push(logged);
    await durable;
  }

  async close(): Promise<void> {
    await this.log().close();
  }

  private log(): Journal {
    if (this.journal === undefined) throw new Error('The memory is not open');
    return this.journal;
  }

  private remember({ customid, time, uuid }: LoggedRequest, sello: string, place: Place, durable: Promise<void>): void {
    this.stamps += 1;
    const kept = { place, durable, since: Date.parse(time) };
    this.bySello.set(sello, kept);
    if (uuid !== null) this.byUuid.set(uuid.toLowerCase(), kept);
    if (customid !== null) this.byCustomid.set(customid, kept);
  }

  private replay(record: unknown, place: Place): void {
    if (!isRecord(record)) return;
    const { time, customid, sha256, uuid, sello } = record;
    if (typeof time !== 'string' || typeof sha256 !== 'string') return;
    const request = {
      time,
      customid: typeof customid === 'string' ? customid : null,
      sha256,
      uuid: typeof uuid === 'string' ? uuid : null,
    };
    this.requests.push(request);
    if (typeof sello === 'string') this.remember(request, sello, place, Promise.resolve());
  }

  private async read(kept: Kept | undefined): Promise<Remembered | undefined> {
    if (kept === undefined) return undefined;
    await kept.durable;
    const record = await this.log().read(kept.place);
    if (!isRecord(record) || typeof record.cfdi !== 'string') throw new Error('A kept timbre cannot be read');
    return { stamp: stampIn(record.cfdi), since: new Date(kept.since) };
  }
}
