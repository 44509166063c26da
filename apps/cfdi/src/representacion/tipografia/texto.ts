/** Letters, digits and signs that need no look: most texts are of these alone. */
const PLAIN = /^[\x20-\x7e\xa0-\xac\xae-\u017f]*$/;
/** Control characters, line and paragraph separators and spaces of every width but the one that does not break. */
const SPACES = /[\x00-\x1f\x7f-\x9f\u1680\u2000-\u200a\u2028\u2029\u205f\u3000]+/g;
/** What takes no room on paper: soft hyphen, joiners, marks of direction, variation selectors. */
const INVISIBLE =
  /[\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]|\udb40[\udc00-\uddff]/g;

/** A text as it is set: one character per letter where Unicode has one, nothing that paper cannot show. */
export function imprimible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.normalize('NFC').replace(SPACES, ' ').replace(INVISIBLE, '');
}
