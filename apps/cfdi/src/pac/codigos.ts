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

/** Class of a code; of one that nobody listed, by its form; `undefined` when its form says nothing either. */
export function meaningOf(code: string): Meaning | undefined {
  if (Object.hasOwn(KNOWN, code)) return KNOWN[code];
  // The matrices of CFDI 4.0 and of the complementos grow with every revision; what they refuse is data.
  if (/^CFDI4[0-9]{4}$/.test(code) || /^CRP[0-9]{5}$/.test(code)) return 'data';
  if (/^AU2[0-9]{3}$/.test(code)) return 'account';
  return undefined;
}
