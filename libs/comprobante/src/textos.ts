/**
 * White space as XML and the tax authority know it: tab, line feed, carriage return, space. JavaScript's `trim` and `\s`
 * would also take the no-break space, which must stay.
 */
const WHITE = /[\t\n\r ]+/g;

/** Trims and collapses white space, as the schemas (`collapse`) and the cadena original (`normalize-space`) do. */
export function collapse(text: string): string {
  const collapsed = text.replace(WHITE, ' ');
  return collapsed.slice(collapsed.startsWith(' ') ? 1 : 0, collapsed.endsWith(' ') ? -1 : undefined);
}

/** Length in characters as XML counts them (code points). */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

const ILLEGAL = /[^\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Whether every character may stand in an XML 1.0 document (no control characters, no half surrogates). */
export function isXmlText(text: string): boolean {
  return !ILLEGAL.test(text);
}
