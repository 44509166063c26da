import { randomUUID } from 'node:crypto';
import { localTime } from '../pac/dates.ts';
import type { Outcome } from '../pac/pac.ts';
import { refusals, sentenceOf } from '../pac/refusal.ts';
import type { Stamp } from '../pac/timbre.ts';
import type { Part } from './soap.ts';

/** Finkok's own numbers for what SW has others for. */
const numbers: Readonly<Record<string, string>> = {
  AU2000: '300',
  AU2001: '718',
  AU2002: '703',
  AU2003: '740',
  AU2004: '702',
  CFDI40106: '712',
};

const stamped = 'Comprobante timbrado satisfactoriamente';
const stampedBefore = 'Comprobante timbrado previamente';

/** Parts of a result that stamps, or that was asked to. `isQuick`: it does not bring an earlier timbre along. */
export function stampResult(outcome: Outcome, now: Date, isQuick: boolean): Part[] {
  switch (outcome.kind) {
    case 'stamped':
      return withTimbre(outcome.stamp, stamped, []);
    case 'repeated':
      if (isQuick) return without([incidence('307', now)]);
      return withTimbre(outcome.stamp, stampedBefore, [incidence('307', now)]);
    case 'repeated-unread':
      // Twice, as the service says it.
      return without([incidence('307', now), incidence('307', now)]);
    case 'carries-timbre':
      return without([incidence('707', now)]);
    case 'customid-taken':
      return withTimbre(outcome.stamp, stampedBefore, [incidence('307', now)]);
    case 'refused': {
      const { code, detail } = outcome.refusal;
      return without([incidence(numbers[code] ?? code, now, detail)]);
    }
  }
}

/** Parts of the result that looks a timbre up by its comprobante. */
export function stampedResult(stamp: Stamp | undefined, now: Date): Part[] {
  return stamp === undefined ? without([incidence('603', now)]) : withTimbre(stamp, stampedBefore, []);
}

/** Parts of a result for wrong credentials. */
export function turnedAwayResult(now: Date): Part[] {
  return without([incidence('300', now)]);
}

/** Parts of the result that asks whether a timbre reached the tax authority: here it always did. */
export function pendingResult(uuid: string, stamp: Stamp | undefined): Part[] {
  if (stamp === undefined) return [['error', notFound(uuid)]];
  const { fechaTimbrado, cfdi } = stamp;
  return [
    ['status', 'F'],
    ['xml', cfdi],
    ['uuid', stamp.uuid.toUpperCase()],
    ['error', ''],
    ['date', fechaTimbrado.replace('T', ' ')],
  ];
}

/** Parts of the result that gives a stamped comprobante by its UUID. */
export function xmlResult(uuid: string, stamp: Stamp | undefined): Part[] {
  return stamp === undefined ? [['error', notFound(uuid)]] : [['xml', stamp.cfdi]];
}

/** Parts of the result that tells the stamps left of an issuer. */
export function creditResult(credit: number, now: Date): Part[] {
  const report: Part = [
    'ReportTotalCredit',
    [
      ['credit', String(credit)],
      ['date', localTime(now)],
    ],
  ];
  return [['result', [report]]];
}

function notFound(uuid: string): string {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)
    ? `UUID ${uuid} No Encontrado`
    : 'UUID con formato invalido';
}

function withTimbre(stamp: Stamp, status: string, incidences: readonly Part[]): Part[] {
  return [
    ['xml', stamp.cfdi],
    ['UUID', stamp.uuid.toUpperCase()],
    ['Fecha', stamp.fechaTimbrado],
    ['CodEstatus', status],
    ['SatSeal', stamp.selloSAT],
    ['Incidencias', incidences],
    ['NoCertificadoSAT', stamp.noCertificadoSAT],
  ];
}

function without(incidences: readonly Part[]): Part[] {
  return [
    ['xml', ''],
    ['Incidencias', incidences],
  ];
}

/** The sentence goes without its code, as the service sends it. */
function incidence(code: string, now: Date, detail = ''): Part {
  return [
    'Incidencia',
    [
      ['IdIncidencia', randomUUID()],
      ['Uuid', ''],
      ['CodigoError', code],
      ['WorkProcessId', randomUUID()],
      ['MensajeIncidencia', code === '307' ? refusals['307'] : sentenceOf(code)],
      ['ExtraInfo', detail],
      ['NoCertificadoPac', ''],
      ['FechaRegistro', localTime(now)],
    ],
  ];
}
