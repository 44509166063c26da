import { Inject, Injectable } from '@nestjs/common';
import { AGENT_SETTINGS, Later, type Handler, type Job } from '@nexora/agent';
import { OutsideHosts } from '@nexora/connectivity';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import { Telemetry } from '@nexora/runtime';
import type { CfdiSettings } from '../cfdi.settings.ts';
import type { Balance } from '../pac/balance.ts';
import { Pac } from '../pac/pac.ts';
import { Saldos } from '../store/saldos.ts';
import { NotAskedYet } from './cancel-fate.ts';

/** Asks the PAC how many stamps are left, and says so when they are few. */
@Injectable()
export class BalanceHandler implements Handler<CfdiKinds['balance']> {
  constructor(
    @Inject(Saldos) private readonly saldos: Saldos,
    @Inject(Pac) private readonly pac: Pac,
    @Inject(OutsideHosts) private readonly hosts: OutsideHosts,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
    @Inject(AGENT_SETTINGS) private readonly settings: CfdiSettings,
  ) {}

  readonly handle = async (job: Job<CfdiKinds['balance']>): Promise<ResultOf<CfdiKinds['balance']>> => {
    const rfcs = await this.saldos.issuers();
    const balance = await this.ask(rfcs, job.signal);
    if (balance.kind === 'unsent' && balance.offline) throw new Later('internet', 'offline', this.pac.host);
    if (balance.kind !== 'known') throw new NotAskedYet(balance.code);
    const { CFDI_STAMPS_LOW: low } = this.settings;
    const before = await this.saldos.of(this.pac.name);
    const result = await job.finish(async (tx) => {
      await this.saldos.keep(tx, this.pac.name, balance.stamps, low);
      return { accounts: balance.stamps.length };
    });
    this.tell(balance, before.isLow, low);
    return result;
  };

  private ask(rfcs: readonly string[], signal: AbortSignal): Promise<Balance> {
    return this.hosts.attempt(this.pac.host, () => this.pac.balance(rfcs, signal), {
      // Another service of the PAC than the one that stamps: its failures are none of the stamping's.
      failedBy: () => false,
      countsAsFailure: () => false,
    });
  }

  private tell(balance: Extract<Balance, { readonly kind: 'known' }>, wasLow: boolean, low: number): void {
    const known = balance.stamps.flatMap(({ left }) => left ?? []);
    if (known.length === 0) return;
    const left = Math.min(...known);
    this.telemetry.emit('stamps-left', { left });
    if (left < low) this.telemetry.emit('stamps-low', { left, low });
    else if (wasLow) this.telemetry.emit('stamps-enough', { left });
  }
}
