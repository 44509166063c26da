import { createHash, randomUUID } from 'node:crypto';
import { sqlState, type Database, type Tx } from '@nexora/database';
import { messageOf, readKeys, Refused, renewalDueAt, type RefusedKey } from '@nexora/licensing';
import type { Telemetry } from '@nexora/runtime';
import { ask, bindingToSend, NOTHING_ASKED, planOf, type Asked, type Plan, type Trigger } from './asking.ts';
import type { Failpoint } from './failpoint.ts';
import { Folder } from './folder.ts';
import type { BootTime } from './host/boot-time.ts';
import { unreadOf, type HostFacts } from './host/host-facts.ts';
import { answerOf, rebindAllowedAt } from './judging/answer.ts';
import { judge, judgeHanded, type Ground, type HandedType, type Judged } from './judging/judge.ts';
import { higher, type Kept } from './judging/kept.ts';
import type { LicenseValues } from './license.settings.ts';
import { notRenewedOf, type NotRenewed, type Synced, type Verdict } from './outcome.ts';
import type { PortalFailed } from './portal/portal-failed.ts';
import type { Portal } from './portal/portal.ts';
import { handOver, historyOf, isNews, report, tellMode, warn } from './recording.ts';
import { StateFile } from './store/state-file.ts';
import { states, type StateRow } from './store/states.ts';
import { tell } from './telling.ts';

/** What a cycle is made of. */
export interface CycleParts {
  readonly database: Database;
  readonly settings: LicenseValues;
  readonly portal: Portal;
  readonly facts: HostFacts;
  readonly bootTime: BootTime;
  readonly telemetry?: Telemetry | undefined;
  readonly failpoint?: Failpoint | undefined;
  /** A number from 0 to 1, for the spread of the next check. */
  readonly chance?: (() => number) | undefined;
}

/** What a cycle came to, for whoever goes on from it. */
export interface CycleEnd extends Synced {
  /** Why a renewal that was owed did not come. */
  readonly missed: NotRenewed | undefined;
  /** Why the revocation list did not come, for the owner. */
  readonly listMissed: string | undefined;
  /** Until the next look, in ms. */
  readonly nextCheckMs: number;
}

/** What became of a file that a person brought. */
export interface Installed extends Verdict {
  readonly took: HandedType;
  /** The very same was there before. */
  readonly same: boolean;
  /** Whether a licence took the place of the one before. */
  readonly renewed: boolean;
  /** The portal's "no" in a reply that was brought. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
}

/** What a cycle knows before it records. */
interface Look {
  readonly row: StateRow;
  readonly ground: Ground;
  readonly kept: Kept;
}

/** What is told of a cycle besides what it decided. */
interface Keeping {
  readonly notRenewed: NotRenewed | undefined;
  readonly listFailed?: PortalFailed | undefined;
  /** Where a document that was taken came from. */
  readonly source: 'portal' | 'person';
  /** Whether others are to look again when there is news. */
  readonly rings: boolean;
}

/** Who looks because it was rung, or in between, rings nobody: looks that rang each other would never end. */
const BY_OTHERS: ReadonlySet<Trigger> = new Set<Trigger>(['clock', 'meanwhile']);

const HOUR_MS = 3_600_000;
const SPREAD = 0.1;
/** A change that is due now is not looked for in a loop. */
const SOONEST_MS = 1_000;
/** The longest that another's visit to the portal is waited for. */
const WAIT = '40s';
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * One look at the licence: reads what Postgres and the folder hold, asks the portal when that is due, judges it all by one
 * reading of the time, and records it in one transaction under a lock, so that over all replicas each thing is done and
 * told once. Whatever is killed in between is done again by the next look.
 */
export class Cycle {
  readonly refusedKeys: readonly RefusedKey[];
  /** Facts of the host that could not be read at the start. */
  readonly unread: readonly string[];
  readonly #parts: CycleParts;
  readonly #keyring: Ground['keyring'];
  readonly #folder: Folder;
  readonly #newInstallationId = randomUUID();

  constructor(parts: CycleParts) {
    this.#parts = parts;
    const { keyring, refused } = readKeys(parts.settings.LICENSE_PUBLIC_KEY_HEX);
    this.#keyring = keyring;
    this.refusedKeys = refused;
    this.unread = unreadOf(parts.facts.read());
    this.#folder = new Folder(new StateFile(parts.settings.LICENSE_DIR), parts.telemetry);
  }

  /** Looks, asks and records. @throws DatabaseAway; Refused when a rebinding comes too early */
  async run(trigger: Trigger, signal?: AbortSignal): Promise<CycleEnd> {
    const { database, portal } = this.#parts;
    const isLineThere = await states.isLineThere(database);
    const { row, ground, kept } = await this.#look(await states.read(database));
    const judged = judge(kept, ground);
    if (trigger === 'rebind') demandRebind(judged);
    const plan = planOf(judged, row, trigger, isLineThere);
    const asks = portal.isSet && this.#keyring.size > 0 && (plan.renew || plan.list);
    try {
      return await database.transaction(async (tx) => {
        if (!asks) return this.#record(tx, trigger, plan, NOTHING_ASKED);
        if (!(await this.#isAlone(tx, trigger))) return this.#record(tx, trigger, plan, NOTHING_ASKED, true);
        this.#parts.failpoint?.pass('license.before-ask');
        const boot = ground.reading;
        const asked = await ask(portal, plan, { judged, row, boot, rebind: trigger === 'rebind', signal });
        signal?.throwIfAborted(); // we stopped; that says nothing about the portal
        this.#parts.failpoint?.pass('license.after-answer');
        return this.#record(tx, trigger, plan, asked);
      });
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
      return database.transaction((tx) => this.#record(tx, trigger, plan, NOTHING_ASKED, true));
    }
  }

  /** Takes a file that a person brought, and decides. @throws Refused, DatabaseAway; then nothing has changed */
  async install(text: string | Uint8Array): Promise<Installed> {
    try {
      return await this.#install(text);
    } catch (error) {
      if (error instanceof Refused) await this.#tellRefused(error);
      throw error;
    }
  }

  /** An alarm stays in the history, though nothing else of the file does. */
  async #tellRefused({ alarm, reason }: Refused): Promise<void> {
    const { telemetry, database } = this.#parts;
    if (!alarm) return void telemetry?.emit('license-refused', { source: 'person', reason });
    telemetry?.emit('license-alarm', { reason });
    const line = { what: 'refused', before: null, after: { reason, source: 'person' } } as const;
    await database.transaction((tx) => states.remember(tx, [line]));
  }

  #install(text: string | Uint8Array): Promise<Installed> {
    return this.#parts.database.transaction(async (tx) => {
      const { row, ground, kept } = await this.#look(await states.lock(tx));
      const sha256 = createHash('sha256').update(text).digest('hex');
      if (await states.wasTaken(tx, sha256)) return again(judge(kept, ground));
      const judged = judgeHanded(kept, ground, { text, questions: await states.questions(tx) });
      if (judged.reply !== null) await states.answered(tx, judged.reply.nonce, sha256);
      await this.#keep(tx, row, judged, { notRenewed: undefined, source: 'person', rings: true });
      const taken = judged.document ?? judged.list ?? judged.answer;
      const refusal = judged.reply?.refusal ?? null;
      const renewed = judged.document === 'taken';
      return { ...verdictOf(judged), took: judged.type, same: taken === 'same', renewed, refusal };
    });
  }

  /** What this machine is bound by, and where each fact came from; nothing is changed. */
  async fingerprint(): Promise<{ readonly judged: Judged; readonly installationId: string }> {
    const { ground, kept } = await this.#look(await states.read(this.#parts.database));
    return { judged: judge(kept, ground), installationId: ground.facts.installationId };
  }

  async #look(row: StateRow): Promise<Look> {
    const { settings, facts, bootTime } = this.#parts;
    const reading = { wall: row.now.getTime(), ...bootTime.read() };
    const filed = await this.#folder.read();
    const joined = higher(row.kept, filed, this.#keyring, reading);
    const given = settings.LICENSE_INSTALLATION_ID;
    const installationId = given === '' ? (joined.installationId ?? this.#newInstallationId) : given;
    const { machineId, serial } = facts.read();
    const machine = { machineId: machineId?.text ?? null, serial: serial?.text ?? null, installationId };
    const ground = { keyring: this.#keyring, graceDays: settings.LICENSE_GRACE_DAYS, reading, facts: machine };
    return { row, ground, kept: { ...joined, installationId } };
  }

  /** One visit to the portal at a time over all replicas; who looks by itself does not wait for another's. */
  async #isAlone(tx: Tx, trigger: Trigger): Promise<boolean> {
    const wait = trigger === 'request' || trigger === 'rebind';
    if (!wait) return states.aloneAtPortal(tx, false);
    await tx.query({ text: `SET LOCAL lock_timeout = '${WAIT}'` });
    return states.aloneAtPortal(tx, true);
  }

  async #record(tx: Tx, trigger: Trigger, plan: Plan, asked: Asked, isBusy = false): Promise<CycleEnd> {
    const { row, ground, kept } = await this.#look(await states.lock(tx));
    const judged = rebound(judge(kept, ground, asked.fetched), trigger);
    const notRenewed = this.#parts.portal.isSet ? notRenewedOf(plan, asked, judged, isBusy) : undefined;
    const owed = notRenewed?.again === true;
    if (owed && trigger !== 'rebind') await handOver(tx);
    const changed = {
      ...row,
      crlEtag: judged.list === 'taken' || judged.list === 'same' ? (asked.etag ?? null) : row.crlEtag,
      crlCheckedAt: asked.listSeen ? row.now : row.crlCheckedAt,
      // A reply that was not taken leaves what was asked for as owed as none does.
      renewalAsked: (judged.reply === null || owed) && (row.renewalAsked || (trigger === 'request' && owed)),
    };
    const rings = !BY_OTHERS.has(trigger);
    const { listFailed } = asked;
    const nextCheckMs = await this.#keep(tx, changed, judged, { notRenewed, listFailed, source: 'portal', rings });
    const renewed = judged.document === 'taken';
    return {
      ...verdictOf(judged),
      renewed,
      notRenewed: notRenewed?.why ?? null,
      missed: notRenewed,
      listMissed: listFailed?.es,
      nextCheckMs,
    };
  }

  /** Writes it all: rows, what is told, the folder; the lock is held until the transaction has ended. */
  async #keep(tx: Tx, row: StateRow, judged: Judged, { rings, ...came }: Keeping): Promise<number> {
    const { telemetry, failpoint, settings } = this.#parts;
    const { read, decision, kept, reply } = judged;
    const isSuccess =
      reply !== null && reply.refusal === null && (judged.document === 'taken' || judged.document === 'same');
    const lastSuccess = isSuccess ? read.time : row.lastSuccess;
    const nextCheckMs = this.#nextCheckMs(judged);
    const nextCheck = new Date(read.time.getTime() + nextCheckMs);
    const { mode, reason } = decision;
    const answer = answerOf(judged, { lastSuccess, nextCheck, refusedKeys: this.refusedKeys });
    const binding = bindingToSend(judged, false);
    await states.remember(tx, historyOf(row, judged));
    const told = { verdict: read.verdict, portal: settings.LICENSE_PORTAL_URL };
    await states.write(tx, { ...row, ...told, kept, mode, reason, answer, lastSuccess, binding });
    await tellMode(tx, row, judged);
    const warnings = await warn(tx, judged);
    await report(tx, judged);
    if (rings && isNews(row, judged)) await states.ring(tx);
    failpoint?.pass('license.after-rows');
    await this.#folder.write(kept);
    failpoint?.pass('license.after-file');
    tx.afterCommit(() => {
      failpoint?.pass('license.after-commit');
      if (telemetry !== undefined) tell(telemetry, { row, judged, warnings, ...came });
    });
    return nextCheckMs;
  }

  /** An hour, more or less; sooner when something changes or a renewal falls due by then, so that each happens at its moment. */
  #nextCheckMs({ decision, license, read }: Judged): number {
    const chance = this.#parts.chance ?? Math.random;
    const usual = HOUR_MS * (1 - SPREAD + 2 * SPREAD * chance());
    const dueAt = 'fault' in license ? null : renewalDueAt(license.content);
    const moments = [decision.nextChange, dueAt].map((at) =>
      at === null ? Infinity : at.getTime() - read.time.getTime(),
    );
    return Math.round(Math.max(SOONEST_MS, Math.min(usual, ...moments.filter((ms) => ms > 0))));
  }
}

/** @throws Refused when the owner has rebound the licence within 30 days, or there is none */
function demandRebind({ license, kept, read }: Judged): void {
  if ('fault' in license) {
    throw new Refused('no license', {
      es: messageOf({ mode: 'invalid', reason: license.fault, graceDaysLeft: null }).es,
      en: 'There is no licence that could be bound to this machine.',
    });
  }
  const allowedAt = rebindAllowedAt(kept, read.time);
  if (allowedAt === null) return;
  const day = allowedAt.toISOString();
  throw new Refused('too early', {
    es: `La licencia ya se vinculó a otro equipo hace menos de 30 días; se puede volver a vincular desde el ${day}.`,
    en: `The licence was bound anew less than 30 days ago; it may be bound again from ${day}.`,
  });
}

/** Notes a rebinding when the licence that came is bound to this machine and the one before was not. */
function rebound(judged: Judged, trigger: Trigger): Judged {
  const isOurs = judged.decision.match !== null && judged.decision.match >= 2;
  if (trigger !== 'rebind' || judged.document !== 'taken' || !isOurs) return judged;
  return { ...judged, kept: { ...judged.kept, reboundAt: judged.read.time } };
}

/** A reply that was taken before: there is nothing to do. */
function again(judged: Judged): Installed {
  return { ...verdictOf(judged), took: 'reply', same: true, renewed: false, refusal: judged.refusal?.refusal ?? null };
}

function verdictOf({ decision }: Judged): Verdict {
  const { mode, reason, graceDaysLeft } = decision;
  return { mode, reason, graceDaysLeft, message: messageOf(decision).es };
}
