import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, Later } from '@nexora/agent';
import {
  calculaImportes,
  emisorDesconocido,
  parseDocumento,
  reglas,
  horaLocal,
  zonaDe,
  type Documento,
  type Falta,
} from '@nexora/comprobante';
import type { Clock } from '@nexora/runtime';
import { CsdRefused, assertSeals } from '../comprobante/csd.ts';
import { sella } from '../comprobante/sellado.ts';
import type { ComprobanteRow, Seal } from '../store/comprobantes.ts';
import { Issuers, type Csd, type Issuer } from '../store/issuers.ts';
import { Xsd } from '../store/xsd.ts';
import { PacClock } from './pac-clock.ts';

/** The document breaks rules: it cannot be sealed until a person has mended it. */
export class Refused extends Error {
  override readonly name = 'Refused';

  /** @param isOurs the fault is in this program: our rules let pass what the schema refuses */
  constructor(
    readonly faltas: readonly Falta[],
    readonly isOurs = false,
  ) {
    super('The document breaks rules.');
  }
}

/** Seals late: only when it is about to be sent, with the time of that moment and the newest valid CSD. */
@Injectable()
export class Sealing {
  constructor(
    @Inject(Issuers) private readonly issuers: Issuers,
    @Inject(PacClock) private readonly pacClock: PacClock,
    @Inject(Xsd) private readonly xsd: Xsd,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Judges a document and seals it. Writes nothing.
   * @throws Refused when the rules refuse it; Later while it has to wait for a CSD or the clock
   */
  async seal(row: ComprobanteRow): Promise<Seal> {
    const ahora = this.clock.now();
    const { issuer, csd: found } = await this.issuers.sealer(row.emisor, ahora);
    const documento = judged(row, issuer, ahora);
    if (await this.pacClock.stopsSealing()) throw new Later('1m', 'El reloj del equipo no coincide con el del PAC');
    const emisor = issuer ?? unknown(row);
    const csd = usable(found, emisor, ahora);
    const importes = calculaImportes(documento);
    const fecha = horaLocal(ahora, zonaOf(documento, emisor));
    const sellado = sella({ documento, importes, emisor, fecha, certificado: csd.certificado }, csd.key);
    const broken = this.xsd.faltasDe(sellado.bytes);
    if (broken.length > 0) throw new Refused(broken, true);
    return { importes, sellado };
  }
}

/** @throws Refused */
function judged(row: ComprobanteRow, issuer: Issuer | null, ahora: Date): Documento {
  const parsed = parseDocumento(row.document);
  if ('faltas' in parsed) throw new Refused(parsed.faltas);
  const contexto = { ahora, regimenDelEmisor: issuer?.regimenFiscal };
  const faltas = [...reglas(parsed.documento, contexto), ...(issuer === null ? [emisorDesconocido()] : [])];
  if (faltas.length > 0) throw new Refused(faltas);
  return parsed.documento;
}

function unknown(row: ComprobanteRow): never {
  throw new Error(`The issuer of ${row.id} was judged as known and is not.`);
}

/** @throws Later while there is none */
function usable(csd: Csd | null, issuer: Issuer, at: Date): Csd {
  if (csd === null) throw new Later('15m', 'Falta un certificado de sello (CSD) vigente del emisor');
  try {
    assertSeals(csd.certificado, issuer.rfc, at);
  } catch (error) {
    if (error instanceof CsdRefused) throw new Later('15m', error.message);
    throw error;
  }
  return csd;
}

/** The document's own zone wins, then the issuer's, then the postal code's. */
function zonaOf({ zonaHoraria, lugarExpedicion }: Documento, issuer: Issuer): string {
  const zona = zonaHoraria ?? issuer.zonaHoraria ?? zonaDe(lugarExpedicion);
  if (zona === undefined) throw new Error('The rules let a place without time zone pass.');
  return zona;
}
