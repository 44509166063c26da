import type { Refusal } from './pac.ts';

/** What a code of a PAC means to us. `previous`: stamped before. `transient`: try the same bytes again. */
export type Meaning = Refusal | 'previous' | 'transient';

/**
 * Codes of the tax authority and of PACs (Anexo 20, matrix of errors), by class. Of Finkok: 300 and the 700s, as its
 * public lists have them; 501, 708 and 709 come when the tax authority or the service itself fails for a while.
 */
const KNOWN: Readonly<Record<string, Meaning>> = {
  '300': 'account',
  '301': 'ours',
  '302': 'ours',
  '303': 'certificate',
  '304': 'certificate',
  '305': 'certificate',
  '306': 'certificate',
  '307': 'previous',
  '308': 'certificate',
  '401': 'clock',
  '402': 'certificate',
  '501': 'transient',
  '603': 'transient',
  '701': 'account',
  '702': 'account',
  '703': 'account',
  '705': 'ours',
  '706': 'account',
  '707': 'ours',
  '708': 'transient',
  '709': 'transient',
  '712': 'ours',
  '718': 'account',
  '738': 'ours',
  '740': 'account',
  AU1000: 'transient',
  AU2000: 'account',
  AU2001: 'account',
  AU2002: 'account',
  AU2003: 'account',
  AU2004: 'account',
  CO1000: 'transient',
  CFDI3307: 'previous',
  CFDI40101: 'clock',
  CFDI40102: 'ours',
};

/** `307. El comprobante …`, `CFDI40147 - El campo …`, `AU2001-La cuenta …`: the code in front of a PAC's sentence. */
const IN_FRONT = /^\s*([A-Z]{0,5}[0-9]{3,6})\s*(?:[-.:]|$)/i;

/** The code in front of a PAC's sentence, in capitals; `undefined` when there is none. */
export function codeIn(message: string): string | undefined {
  return IN_FRONT.exec(message)?.[1]?.toUpperCase();
}

/** A matrix of errors and a number in it: CFDI40147, CFDI33105, CRP20253, CCE20101, CP101, NOM132 (tax authority, complementos). */
const OF_A_MATRIX = /^[A-Z]{2,5}[0-9]{3,6}$/;
/** Letters of what is no matrix: SW's login (AU) and conversation (CO), and what a gateway in front of a PAC may say. */
const OF_THE_SERVICE = /^(AU|CO|ERR|HTTP|SYS)[0-9]/;

/** An unlisted refusal in these words may be a stamp that was given before: never taken for a matter of the data. */
const SAYS_STAMPED = /timbre previo|previamente timbrad|ya (fue|ha sido|está|se encuentra) timbrad|duplicad/i;

/**
 * Class of a code; of one that nobody listed, by its form. The matrices grow with every revision, and what they refuse
 * is data. `undefined` when the form says nothing: a bare number is a PAC's own, and may be a passing trouble.
 */
export function meaningOf(code: string, message = ''): Meaning | undefined {
  if (Object.hasOwn(KNOWN, code)) return KNOWN[code];
  if (/^AU2[0-9]{3}$/.test(code)) return 'account';
  if (SAYS_STAMPED.test(message)) return undefined;
  return OF_A_MATRIX.test(code) && !OF_THE_SERVICE.test(code) ? 'data' : undefined;
}
