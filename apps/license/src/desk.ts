import type { Database } from '@nexora/database';
import { bindingOf, messageOf, Refused, type Binding, type FactName } from '@nexora/licensing';
import type { Telemetry } from '@nexora/runtime';
import { Cycle, type Installed } from './cycle.ts';
import type { Failpoint } from './failpoint.ts';
import { bootTimeOfHost, type BootTime } from './host/boot-time.ts';
import { factsOfHost, type HostFacts } from './host/host-facts.ts';
import type { LicenseState } from './judging/license-state.ts';
import type { LicenseValues } from './license.settings.ts';
import type { Synced } from './outcome.ts';
import { Portal } from './portal/portal.ts';
import { states } from './store/states.ts';

/** What tests may put in the place of the machine. */
export interface DeskOptions {
  readonly bootTime?: BootTime;
  readonly facts?: HostFacts;
  readonly telemetry?: Telemetry;
  readonly failpoint?: Failpoint;
}

/** A request that a person carries to the portal. */
export interface OfflineRequest {
  readonly licenseId: string;
  readonly nonce: string;
  readonly binding: Binding;
  /** Address of the portal, '' when none is set. */
  readonly portal: string;
  /** What a QR code holds: the portal's page with the request in it; null without a portal. */
  readonly url: string | null;
}

/** One fact of this machine. */
interface FingerprintFact {
  readonly name: FactName;
  /** Setting or path that it came from; null when it cannot be read. */
  readonly source: string | null;
  readonly read: boolean;
  readonly digest: string;
}

/** What this machine is; digests only. */
export interface Fingerprint {
  readonly binding: Binding;
  readonly facts: readonly FingerprintFact[];
  /** Facts of three that are those of the licence; null when it is not bound. */
  readonly match: number | null;
  /** Facts that cannot be read here. */
  readonly unread: readonly FactName[];
}

/** What people do with the licence, on the command line as in jobs. Nothing of a framework is needed. */
export class LicenseDesk {
  readonly cycle: Cycle;
  /** Host of the portal, '' when none is set. */
  readonly host: string;
  readonly #database: Database;
  readonly #settings: LicenseValues;
  readonly #facts: HostFacts;

  private constructor(database: Database, settings: LicenseValues, options: DeskOptions) {
    this.#database = database;
    this.#settings = settings;
    this.#facts = options.facts ?? factsOfHost(settings);
    const portal = new Portal(settings.LICENSE_PORTAL_URL);
    this.host = portal.host;
    this.cycle = new Cycle({
      database,
      settings,
      portal,
      facts: this.#facts,
      bootTime: options.bootTime ?? bootTimeOfHost(),
      telemetry: options.telemetry,
      failpoint: options.failpoint,
    });
  }

  /** @param database Open; its login is that of the license agent, or of the owner. */
  static over(database: Database, settings: LicenseValues, options: DeskOptions = {}): LicenseDesk {
    return new LicenseDesk(database, settings, options);
  }

  /** What `GET /api/admin/license` answers. @throws DatabaseAway */
  async show(): Promise<LicenseState> {
    await this.#fill();
    return states.answer(this.#database);
  }

  /**
   * Takes a licence, a reply of the portal or a revocation list; the mode is decided and stored when it resolves.
   * @throws Refused by a sentence: then nothing has changed. DatabaseAway
   */
  install(text: string | Uint8Array): Promise<Installed> {
    return this.cycle.install(text);
  }

  /** A request that a person carries to the portal; its reply is good for 30 days. @throws Refused without a licence */
  async request(): Promise<OfflineRequest> {
    await this.#fill();
    const { judged } = await this.cycle.fingerprint();
    if ('fault' in judged.license) throw noLicense(judged.license.fault);
    const { licenseId, nonce, binding, portal } = await states.request(this.#database);
    if (licenseId === null || nonce === null || binding === null) throw noLicense('no license');
    return { licenseId, nonce, binding: [...binding], portal, url: urlOf(portal, { id: licenseId, nonce, binding }) };
  }

  /** What this machine is, to tell a vendor: digests and where they came from, never the facts. */
  async fingerprint(): Promise<Fingerprint> {
    const { judged, installationId } = await this.cycle.fingerprint();
    const { machineId, serial } = this.#facts.read();
    const [machine, disk, installation] = bindingOf({
      machineId: machineId?.text ?? null,
      serial: serial?.text ?? null,
      installationId,
    });
    const given = this.#settings.LICENSE_INSTALLATION_ID !== '';
    return {
      binding: [machine, disk, installation],
      facts: [
        { name: 'machine-id', source: machineId?.source ?? null, read: machineId !== null, digest: machine },
        { name: 'serial', source: serial?.source ?? null, read: serial !== null, digest: disk },
        {
          name: 'installation',
          source: given ? 'LICENSE_INSTALLATION_ID' : 'LICENSE_DIR',
          read: true,
          digest: installation,
        },
      ],
      match: judged.decision.match,
      unread: judged.unread,
    };
  }

  /**
   * Asks the portal now to bind the licence to this machine; once in 30 days.
   * @throws Refused when it is too early or there is no licence. DatabaseAway
   */
  rebind(signal?: AbortSignal): Promise<Synced> {
    return this.cycle.run('rebind', signal);
  }

  /** Puts back what the folder knows, should somebody have emptied the table. */
  async #fill(): Promise<void> {
    if (!(await states.isThere(this.#database))) await this.cycle.run('meanwhile');
  }

  /** Renews and fetches the list now; ends well whatever the portal does. @throws DatabaseAway */
  sync(signal?: AbortSignal): Promise<Synced> {
    return this.cycle.run('request', signal);
  }
}

function noLicense(fault: Parameters<typeof messageOf>[0]['reason']): Refused {
  const { es, en } = messageOf({ mode: 'invalid', reason: fault, graceDaysLeft: null });
  return new Refused('no license', { es, en });
}

function urlOf(
  portal: string,
  request: { readonly id: string; readonly nonce: string; readonly binding: readonly string[] },
): string | null {
  if (portal === '') return null;
  const { id, nonce, binding } = request;
  const page = new URL('v1/offline', portal.endsWith('/') ? portal : `${portal}/`);
  page.searchParams.set('request', Buffer.from(JSON.stringify({ id, nonce, binding })).toString('base64url'));
  return page.href;
}
