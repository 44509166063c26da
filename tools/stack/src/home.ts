import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What a house keeps from start to start, besides its data. Mode 0600. */
interface Kept {
  readonly rolesSecret: string;
  readonly csdKey: string;
  readonly ports: Readonly<Record<string, number>>;
}

/** The folder of one house: state, secrets, logs, data of the private services, objects. */
export class Home {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The house of this clone, or the one that NEXORA_HOME names. */
  static ofClone(): Home {
    return new Home(process.env['NEXORA_HOME'] || join(root, '.nexora'));
  }

  /** Makes the folder. Services that run as another account pass through it; what is secret is closed by itself. */
  prepare(): void {
    mkdirSync(this.path, { recursive: true });
    chmodSync(this.path, 0o711);
    for (const folder of ['logs', 'objects']) mkdirSync(this.file(folder), { recursive: true, mode: 0o700 });
  }

  /** A path inside. */
  file(...names: string[]): string {
    return join(this.path, ...names);
  }

  /** Log of a process or service. */
  logOf(name: string): string {
    return this.file('logs', `${name}.log`);
  }

  /** Name of the lock that the one supervisor of this house holds. */
  get lockName(): string {
    return `stack:${this.path}`;
  }

  /** Password of a login; it follows from this house's secret, so that none needs to be stored. */
  passwordOf(name: string): string {
    return createHmac('sha256', this.kept().rolesSecret).update(name).digest('hex').slice(0, 40);
  }

  /** Key that encrypts the issuers' private keys at rest: 32 bytes in hexadecimal digits. */
  get csdKey(): string {
    return this.kept().csdKey;
  }

  /** Port that a process had last time; 0 when it never had one. */
  portOf(name: string): number {
    return this.kept().ports[name] ?? 0;
  }

  /** Remembers the port of a process. */
  keepPort(name: string, port: number): void {
    const kept = this.kept();
    if (kept.ports[name] !== port) this.write({ ...kept, ports: { ...kept.ports, [name]: port } });
  }

  private kept(): Kept {
    const file = this.file('secrets.json');
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Kept;
    const fresh = { rolesSecret: randomBytes(32).toString('hex'), csdKey: randomBytes(32).toString('hex'), ports: {} };
    this.write(fresh);
    return fresh;
  }

  private write(kept: Kept): void {
    writeWhole(this.file('secrets.json'), JSON.stringify(kept, null, 2));
  }
}

/** Replaces a file in one step, readable by its owner only: a cut leaves the old content or the new, never half. */
export function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}
