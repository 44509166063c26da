import { Inject, Injectable } from '@nestjs/common';
import { HostResting, OutsideHosts } from '@nexora/connectivity';
import { expresionImpresa, type Consultado } from '../cancelacion/consulta.ts';
import { ConsultaSat, type Consulted } from '../sat/consulta-sat.ts';

/** Asks the tax authority's consultation service; one that fails is left alone for a while. */
@Injectable()
export class Consulting {
  constructor(
    @Inject(ConsultaSat) private readonly consulta: ConsultaSat,
    @Inject(OutsideHosts) private readonly hosts: OutsideHosts,
  ) {}

  /** Its host. */
  get host(): string {
    return this.consulta.host;
  }

  /** What it says of a comprobante. @throws HostResting */
  ask(consultado: Consultado, signal: AbortSignal): Promise<Consulted> {
    return this.hosts.attempt(this.consulta.host, () => this.consulta.ask(expresionImpresa(consultado), signal), {
      failedBy: ({ kind }) => kind !== 'told',
      countsAsFailure: (error) => !(error instanceof HostResting),
    });
  }
}
