import type { Provider } from '@nestjs/common';
import { AGENT_SETTINGS } from '@nexora/agent';
import { Health } from '@nexora/runtime';
import type { CfdiSettings } from './cfdi.settings.ts';
import { CancelConcluding } from './handlers/cancel-concluding.ts';
import { Consulting } from './handlers/consulting.ts';
import { stampsProbe } from './handlers/stamps-probe.ts';
import { Pac } from './pac/pac.ts';
import { consultaFromSettings } from './sat/consulta-from-settings.ts';
import { ConsultaSat } from './sat/consulta-sat.ts';
import { Acuses } from './store/acuses.ts';
import { Cancelaciones } from './store/cancelaciones.ts';
import { Saldos } from './store/saldos.ts';

/** Stands for what is done once when the agent starts. */
const COUNTING = Symbol('COUNTING');

/** Cancellations, the tax authority's word about a comprobante, and the stamps left. */
export const cancelAdapters: readonly Provider[] = [
  Cancelaciones,
  Acuses,
  Saldos,
  CancelConcluding,
  Consulting,
  { provide: ConsultaSat, useFactory: consultaFromSettings, inject: [AGENT_SETTINGS] },
  { provide: COUNTING, useFactory: countStamps, inject: [Saldos, Pac, AGENT_SETTINGS, Health] },
];

/** The agent's health shows the stamps left. */
function countStamps(saldos: Saldos, pac: Pac, { CFDI_STAMPS_LOW: low }: CfdiSettings, health: Health): true {
  if (low > 0) health.register(stampsProbe(() => saldos.of(pac.name)));
  return true;
}
