import type { Decision } from './decide.ts';
import type { Sentence } from './refused.ts';

const WAITS_ES = 'No se timbra ni se envía nada nuevo; los respaldos, los archivos y lo que está en curso siguen.';
const WAITS_EN = 'Nothing new is stamped or sent; backups, media and what is under way go on.';

/** What the owner reads: what is the matter, what it means, how to mend it. */
export function messageOf({
  mode,
  reason,
  graceDaysLeft,
}: Pick<Decision, 'mode' | 'reason' | 'graceDaysLeft'>): Sentence {
  if (reason === null) return { es: 'La licencia está vigente.', en: 'The licence is valid.' };
  const cause = CAUSES[reason];
  if (mode === 'grace') {
    const days = graceDaysLeft ?? 0;
    return {
      es: `${cause.es} Todo sigue funcionando ${dias(days)} más. ${cause.mend.es}`,
      en: `${cause.en} Everything goes on for ${daysOf(days)} more. ${cause.mend.en}`,
    };
  }
  return { es: `${cause.es} ${WAITS_ES} ${cause.mend.es}`, en: `${cause.en} ${WAITS_EN} ${cause.mend.en}` };
}

interface CauseSentence extends Sentence {
  mend: Sentence;
}

const ASK_FOR_FILE: Sentence = {
  es: 'Instale el archivo de licencia que le dio su proveedor.',
  en: 'Install the licence file that the vendor gave you.',
};

const CAUSES: Readonly<Record<NonNullable<Decision['reason']>, CauseSentence>> = {
  'no license': { es: 'Este equipo no tiene licencia.', en: 'This house has no licence.', mend: ASK_FOR_FILE },
  'no key': {
    es: 'No hay ninguna clave pública que sirva para comprobar la licencia.',
    en: 'There is no public key that serves to check the licence.',
    mend: {
      es: 'Ponga en LICENSE_PUBLIC_KEY_HEX la clave de su proveedor.',
      en: 'Put the key of the vendor into LICENSE_PUBLIC_KEY_HEX.',
    },
  },
  'unknown key': {
    es: 'La licencia está firmada con una clave que este equipo no conoce.',
    en: 'The licence is signed with a key that this house does not know.',
    mend: {
      es: 'Pida a su proveedor una licencia nueva o la clave que corresponde.',
      en: 'Ask the vendor for a new licence or for the key that fits.',
    },
  },
  'bad signature': {
    es: 'La firma de la licencia no corresponde a su contenido.',
    en: 'The signature of the licence does not fit its content.',
    mend: ASK_FOR_FILE,
  },
  unreadable: {
    es: 'El archivo de la licencia no se puede leer.',
    en: 'The file of the licence cannot be read.',
    mend: ASK_FOR_FILE,
  },
  'file expired': {
    es: 'El archivo de la licencia venció y no se ha renovado.',
    en: 'The file of the licence has expired and was not renewed.',
    mend: {
      es: 'Se renueva solo al haber internet; sin él, haga una solicitud en la página de la licencia.',
      en: 'It is renewed by itself with a line; without one make a request on the page of the licence.',
    },
  },
  'contract ended': {
    es: 'El contrato de la licencia terminó.',
    en: 'The contract of the licence has ended.',
    mend: {
      es: 'Renuévelo con su proveedor; lo demás es solo.',
      en: 'Renew it with the vendor; the rest is by itself.',
    },
  },
  'revocation list stale': {
    es: 'Hace más de 14 días que falta una lista de revocación vigente.',
    en: 'For over 14 days there has been no current revocation list.',
    mend: {
      es: 'Conecte el equipo a internet o instale la lista que le dé su proveedor.',
      en: 'Connect the machine to the Internet, or install the list that the vendor gives you.',
    },
  },
  'machine changed': {
    es: 'La licencia es de otro equipo, o este cambió.',
    en: 'The licence is of another machine, or this one has changed.',
    mend: {
      es: 'Si es su equipo, vuelva a vincularla (una vez cada 30 días).',
      en: 'If it is yours, bind it anew (once in 30 days).',
    },
  },
  revoked: {
    es: 'Su proveedor revocó la licencia.',
    en: 'The vendor has revoked the licence.',
    mend: { es: 'Comuníquese con su proveedor.', en: 'Get in touch with the vendor.' },
  },
  suspended: {
    es: 'Su proveedor suspendió la licencia.',
    en: 'The vendor has suspended the licence.',
    mend: { es: 'Comuníquese con su proveedor.', en: 'Get in touch with the vendor.' },
  },
};

function dias(count: number): string {
  return count === 1 ? '1 día' : `${String(count)} días`;
}

function daysOf(count: number): string {
  return count === 1 ? '1 day' : `${String(count)} days`;
}
