import type { CancelRefusal } from './cancel-answer.ts';
import { meaningOf } from './codigos.ts';

/** What a code says about a request to cancel. */
export type CancelMeaning = CancelRefusal | 'asked' | 'asked-before' | 'transient';

/** Codes of the tax authority's cancellation service (EstatusUUID, CodEstatus) and of PACs, by class. */
const KNOWN: Readonly<Record<string, CancelMeaning>> = {
  '201': 'asked',
  '202': 'asked-before',
  '203': 'rfc',
  '204': 'not-cancellable',
  '205': 'unknown-uuid',
  '207': 'motivo',
  '208': 'sustituto',
  '209': 'sustituto',
  '210': 'late',
  '211': 'late',
  '212': 'sustituto',
  '300': 'account',
  '301': 'ours',
  '302': 'ours',
  '303': 'certificate',
  '304': 'certificate',
  '305': 'certificate',
  '306': 'certificate',
  '308': 'certificate',
  '310': 'certificate',
  '311': 'motivo',
  '312': 'sustituto',
  '708': 'transient',
  '798': 'wait',
  '799': 'spent',
  '1000': 'ours',
  '2000': 'transient',
  '2100': 'transient',
  '2300': 'transient',
};

/** `CA305 - Certificado …`, `205`, `708: …`, `no_cancelable`: the code in front, without the PAC's own letters. */
const IN_FRONT = /^\s*(?:CA|CR)?(no_cancelable|[0-9]{3,4})(?![0-9])/i;

/** The code in front of a sentence about a cancellation; `undefined` when there is none. */
export function cancelCodeIn(text: string): string | undefined {
  const code = IN_FRONT.exec(text)?.[1];
  // Finkok has a word for what the tax authority calls 204.
  return code?.toLowerCase() === 'no_cancelable' ? '204' : code;
}

/** `CACFDI33 - Problemas con los campos.`: letters of a PAC and a number, longer than those of the tax authority. */
const OF_THE_PAC = /^\s*([A-Z]{2,8}[0-9]{2,6})(?![0-9])/i;
/** Trouble of a service or of what stands before it: no word about the request. */
const OF_A_SERVICE = /^(AU|CO|ERR|HTTP|SYS)[0-9]/i;

/** The PAC's own code in front of a sentence; `undefined` when there is none. */
export function pacCodeIn(text: string): string | undefined {
  return OF_THE_PAC.exec(text)?.[1]?.toUpperCase();
}

/** Whether a code speaks of the request: the tax authority's numbers below 500 do, and a PAC's own of its checks. */
export function speaksOfTheRequest(code: string): boolean {
  return /^[1-4][0-9]{2}$|^1[0-9]{3}$/.test(code) || (OF_THE_PAC.test(code) && !OF_A_SERVICE.test(code));
}

/** Class of a code; `undefined` when nobody listed it. */
export function cancelMeaningOf(code: string): CancelMeaning | undefined {
  if (Object.hasOwn(KNOWN, code)) return KNOWN[code];
  const general = meaningOf(code);
  return general === 'account' || general === 'transient' ? general : undefined;
}
