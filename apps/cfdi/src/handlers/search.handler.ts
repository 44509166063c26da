import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Handler, type Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import { Telemetry, type Clock } from '@nexora/runtime';
import { leeHallado } from '../comprobante/hallado.ts';
import { Artefacts, type KeptXml } from '../store/artefacts.ts';
import { Comprobantes } from '../store/comprobantes.ts';
import { Restorations, type Held } from '../store/restorations.ts';
import { SatKeys } from './sat-keys.ts';

type SearchJob = Job<CfdiKinds['search']>;

/**
 * After a restore: reads object storage for stamps of which the restored tables know nothing. One that belongs to a
 * comprobante that is held back becomes its stamp; the others are remembered, so that no folio is used twice.
 */
@Injectable()
export class SearchHandler implements Handler<CfdiKinds['search']> {
  constructor(
    @Inject(Restorations) private readonly restorations: Restorations,
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
    @Inject(Artefacts) private readonly artefacts: Artefacts,
    @Inject(SatKeys) private readonly satKeys: SatKeys,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
  ) {}

  readonly handle = async (job: SearchJob): Promise<ResultOf<CfdiKinds['search']>> => {
    const restored = await this.restorations.unsearched();
    if (restored === null) return { found: 0, strays: 0 };
    const held = new Map((await this.restorations.held()).map((one) => [one.id, one]));
    let [found, strays] = [0, 0];
    for await (const page of this.artefacts.xmls(job.signal)) {
      for (const kept of await this.unknownOf(page)) {
        if (await this.adopted(job, held, kept)) found += 1;
        else strays += 1;
      }
    }
    const result = await job.finish(async (tx) => {
      await this.restorations.searched(tx, restored.at, found);
      return { found, strays };
    });
    const left = (await this.restorations.held()).length;
    this.telemetry.emit('restore-searched', { found, strays, held: left });
    return result;
  };

  private async unknownOf(page: readonly KeptXml[]): Promise<KeptXml[]> {
    const known = await this.restorations.known(page.map(({ uuid }) => uuid));
    return page.filter(({ uuid }) => !known.has(uuid));
  }

  /** Answers whether the stamp found its comprobante; otherwise it is remembered as a stray. */
  private async adopted(job: SearchJob, held: ReadonlyMap<string, Held>, { key, uuid }: KeptXml): Promise<boolean> {
    const { body, metadata } = await this.artefacts.opened(key);
    const hallado = leeHallado(body, this.clock.now(), this.satKeys.known);
    const row = held.get(metadata['comprobante'] ?? '');
    const fits =
      hallado !== null && row?.issuer === hallado.emisor && row.folio === hallado.folio && row.serie === hallado.serie;
    if (fits && hallado.timbre.uuid === uuid && (await this.adopt(job, row.id, key, hallado))) return true;
    await this.restorations.stray({
      uuid,
      issuer: hallado?.emisor ?? key.split('/')[1] ?? '',
      tipo: metadata['tipo'] ?? null,
      serie: metadata['serie'] ?? hallado?.serie ?? null,
      folio: metadata['folio'] ?? hallado?.folio ?? null,
      externalId: metadata['external-id'] ?? null,
      xmlKey: key,
    });
    return false;
  }

  private adopt(
    job: SearchJob,
    id: string,
    xmlKey: string,
    hallado: NonNullable<ReturnType<typeof leeHallado>>,
  ): Promise<boolean> {
    return job.settle(async (tx) => {
      const isAdopted = await this.restorations.adopt(tx, id, { ...hallado, xmlKey });
      if (!isAdopted) return false;
      const { uuid } = hallado.timbre;
      const message = `Se restauró un respaldo y su timbre estaba en el almacén (UUID ${uuid}): no se timbra otra vez.`;
      await this.comprobantes.tell(tx, id, { code: 'cfdi.recovered', isWarning: false, message, detail: { xmlKey } });
      await job.emit(tx, 'comprobante.almacenado', { comprobanteId: id, uuid, xmlKey });
      return true;
    });
  }
}
