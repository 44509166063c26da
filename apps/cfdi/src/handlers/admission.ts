import { Inject, Injectable } from '@nestjs/common';
import { Later } from '@nexora/agent';
import { Comprobantes, type ComprobanteRow } from '../store/comprobantes.ts';
import { Pauses } from '../store/pauses.ts';
import { HELD_BACK, Restorations } from '../store/restorations.ts';
import { Asking } from './asking.ts';

/** Whether a comprobante may be sealed and sent now. What has to wait says why, and burns neither seal nor attempt. */
@Injectable()
export class Admission {
  constructor(
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
    @Inject(Pauses) private readonly pauses: Pauses,
    @Inject(Restorations) private readonly restorations: Restorations,
    @Inject(Asking) private readonly asking: Asking,
  ) {}

  /** @throws Later, HostResting */
  async admit(row: ComprobanteRow): Promise<void> {
    await this.pinned(row);
    const held = await this.restorations.holds(row);
    if (held !== null) await this.wait(row, held, new Later('10m', HELD_BACK));
    const { resting } = this.asking;
    if (resting !== null) await this.wait(row, 'El PAC falla: se le da un descanso', resting);
    if (!row.isPaused) return;
    // The stop of its issuer is written on the issuer.
    if ((await this.pauses.turn(row.emisor)) === 'wait')
      throw new Later('3s', 'another comprobante asks for the issuer');
  }

  /** A doubt at one PAC is not settled at another. */
  private async pinned(row: ComprobanteRow): Promise<void> {
    if (!row.isDoubtful || row.pac === this.asking.pacName) return;
    const motivo = `Un intento quedó sin respuesta en otro PAC (${row.pac ?? ''}): configúrelo de nuevo`;
    await this.wait(row, motivo, new Later('15m', 'an attempt at another PAC has an unknown outcome'));
  }

  private async wait(row: ComprobanteRow, motivo: string, fate: Error): Promise<never> {
    await this.comprobantes.waits(row.id, motivo);
    throw fate;
  }
}
