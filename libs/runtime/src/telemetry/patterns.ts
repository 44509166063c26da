/** What stands in a line instead of something secret or personal. */
export const REDACTED = '[redacted]';

/** A text longer than this is cut, after redaction; an error's message needs no more. */
export const LONGEST_TEXT = 4_096;

/** No more of a text is looked at: patterns over megabytes would hold up the process. */
const LONGEST_SCAN = 65_536;

const BEFORE = '(?<![\\p{L}\\p{N}])';
const AFTER = '(?![\\p{L}\\p{N}])';

/** What looks like a number of a person but is none; matched first and kept. */
const HARMLESS = [
  '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', // UUID
  '\\d{4}-\\d{2}-\\d{2}(?:[T ]\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?Z?)?', // ISO date
  '\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}(?::\\d{1,5})?', // IPv4
  '\\d{1,9}\\.\\d+(?!\\.\\d)', // decimal fraction
].join('|');

const LETTERS = '(?:[A-ZÑ&]\\u0303?){3,4}';
const MONTH_DAY = '(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])';
/** Mexican RFC: 3 letters (company) or 4 (person), a date, a homoclave of 3; with separators only around a real date. */
const RFC = `${LETTERS}\\d{6}[A-Z\\d]{3}|${LETTERS}[ -]?\\d{2}${MONTH_DAY}[ -]?[A-Z\\d]{2}[\\dA]`;
const CURP = '[A-Z]{4}\\d{6}[HMX][A-Z]{5}[A-Z\\d]\\d';
/** Ten digits of Mexico in the usual groupings, with 52 or 521 before them or not. */
const PHONE =
  '(?:(?:00[ .-]?)?52[ .-]?(?:1[ .-]?)?)?(?:(?:\\(?\\d{2}\\)?[ .-]{0,2}\\d{4}|\\(?\\d{3}\\)?[ .-]{0,2}\\d{3})[ .-]?\\d{4}|\\d{2}(?:[ .-]\\d{2}){4})';
const FOREIGN_PHONE = '\\+\\d(?:[ ().-]{0,2}\\d){7,14}';

const PERSONAL = new RegExp(
  `${BEFORE}(?:(?<harmless>${HARMLESS})|${CURP}|${RFC}|${PHONE})${AFTER}|${FOREIGN_PHONE}`,
  'giu',
);
/** An RFC glued to other letters: only in capitals and with a real month and day, lest every hash be cut. */
const GLUED_RFC = new RegExp(`[A-ZÑ&]{3,4}\\d{2}${MONTH_DAY}[A-Z\\d]{2}[\\dA]`, 'gu');

const EMAIL = /[^\s@<>()[\]{}"'`,;:=|\\/]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62}\.){1,8}[\p{L}\p{N}-]{2,63}/gu;
const PEM = /-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g;
const USER_INFO = /(?<![a-z0-9+.-])((?!file:)[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s"'`<>]{0,1024}@/giu;
const SCHEME_TOKEN = /\b(bearer|basic|digest)\s+[A-Za-z0-9._~+/=-]{4,}/gi;
const JWT = /\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g;

const SECRET_WORD =
  '(?:[\\w-]{0,40}(?:password|passwd|passphrase|pwd|pass|secret|token|contraseña|contrasena|credential|authorization|cookie|(?:api|access|private|signing|secret|encryption)[-_]?key)s?|key|llave)';
const SECRET_PAIR = new RegExp(
  `(?<![\\w-])(${SECRET_WORD})(\\\\?["']?\\s{0,3}(?:=>|[=:])\\s{0,3})(?:"(?:[^"\\\\]|\\\\.)*"?|\\\\"(?:(?!\\\\").)*(?:\\\\")?|'[^']*'?|\\S+)`,
  'gisu',
);

/** Each costly pattern needs one of these: a run or groups of digits, an at sign, a colon, an equals sign, a marker. */
const SUSPECT = /\d{4}|\d{2}[ .-]\d{2}[ .-]\d{2}|[@=:]|-----|eyJ|bearer|basic|digest/i;

/**
 * The text without secrets and personal data: RFC, CURP, e-mail, telephone, user and password of an address, tokens,
 * `password=…` in any spelling, PEM. Names of people cannot be told from other words; no event may carry them.
 */
export function redactText(text: string): string {
  if (text.length > LONGEST_SCAN) return `${redactText(text.slice(0, LONGEST_SCAN)).slice(0, LONGEST_TEXT)}…`;
  if (!SUSPECT.test(text)) return cut(text);
  return cut(
    text
      .replace(PEM, REDACTED)
      .replace(USER_INFO, `$1${REDACTED}@`)
      .replace(SCHEME_TOKEN, `$1 ${REDACTED}`)
      .replace(JWT, REDACTED)
      .replace(SECRET_PAIR, `$1$2${REDACTED}`)
      .replace(EMAIL, REDACTED)
      .replace(PERSONAL, keepHarmless)
      .replace(GLUED_RFC, REDACTED),
  );
}

function keepHarmless(match: string, ...rest: unknown[]): string {
  const groups = rest.at(-1) as { harmless?: string };
  return groups.harmless === undefined ? REDACTED : match;
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

const GUARDED_KEY =
  /(?:^|_)(?:pass|passwd|passphrase|pwd|password|secret|token|authorization|cookie|credentials?|pem|(?:api|access|private|signing|encryption)_?key|contrase[ñn]a|rfc|curp|nombre|razon_social|e_?mail|correo|telefono|phone|celular|whatsapp|domicilio|direccion|address)s?(?:_|$)|^(?:key|payload|parameters|body)$/;

/** True for the name of a property whose value must not be shown, whatever it is: `pacPassword`, `receptor_rfc`, `payload`. */
export function isGuardedKey(key: string): boolean {
  return GUARDED_KEY.test(
    key
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll('-', '_')
      .toLowerCase(),
  );
}
