import { readFileSync } from 'node:fs';
import type { Provider } from '@nestjs/common';
import { AGENT_SETTINGS, CLOCK } from '@nexora/agent';
import { Health } from '@nexora/runtime';
import { openObjectStore, storageProbe, type ObjectStore } from '@nexora/storage';
import { cancelAdapters } from './cancelling.ts';
import type { CfdiSettings } from './cfdi.settings.ts';
import { readCertificado } from './comprobante/csd.ts';
import { Failpoint } from './failpoint.ts';
import { Admission } from './handlers/admission.ts';
import { Asking } from './handlers/asking.ts';
import { Concluding } from './handlers/concluding.ts';
import { Judging } from './handlers/judging.ts';
import { LookingUp } from './handlers/looking-up.ts';
import { PacClock } from './handlers/pac-clock.ts';
import { Resealing } from './handlers/resealing.ts';
import { SatKeys } from './handlers/sat-keys.ts';
import { Sealing } from './handlers/sealing.ts';
import { keeperAdapters } from './keeper.ts';
import { pacFromSettings } from './pac/pac-from-settings.ts';
import { Pac } from './pac/pac.ts';
import { Artefacts, OBJECT_STORE } from './store/artefacts.ts';
import { Comprobantes } from './store/comprobantes.ts';
import { Issuers } from './store/issuers.ts';
import { IssuerStyles } from './store/issuer-styles.ts';
import { Pauses } from './store/pauses.ts';
import { Press } from './store/press.ts';
import { Restorations } from './store/restorations.ts';
import { Stranded } from './store/stranded.ts';

/** What the handlers are given: stores, the PAC, and what stands between them. */
export const adapters: readonly Provider[] = [
  Comprobantes,
  Issuers,
  Artefacts,
  IssuerStyles,
  Press,
  Sealing,
  Asking,
  Admission,
  Resealing,
  LookingUp,
  Judging,
  Concluding,
  PacClock,
  Pauses,
  Restorations,
  Stranded,
  ...keeperAdapters,
  ...cancelAdapters,
  { provide: Pac, useFactory: pacFromSettings, inject: [AGENT_SETTINGS, CLOCK] },
  { provide: OBJECT_STORE, useFactory: objectStore, inject: [AGENT_SETTINGS, Health] },
  { provide: SatKeys, useFactory: satKeys, inject: [AGENT_SETTINGS] },
  { provide: Failpoint, useFactory: (s: CfdiSettings) => new Failpoint(s.NEXORA_FAILPOINT), inject: [AGENT_SETTINGS] },
];

/** The object store, which the agent's health asks from here on. */
async function objectStore(settings: CfdiSettings, health: Health): Promise<ObjectStore> {
  const store = await openObjectStore(settings);
  health.register(storageProbe(store));
  return store;
}

/** Reads the certificates that the settings name. @throws CsdRefused or the file system's error, naming the file */
function satKeys({ CFDI_SAT_CERTIFICATES: paths }: CfdiSettings): SatKeys {
  const read = paths.map((path) => readCertificado(readFileSync(path)));
  return new SatKeys(new Map(read.map(({ numero, publicKey }) => [numero, publicKey])));
}
