/** Where the tax authority publishes its schemas and stylesheets. */
export const SITE = 'https://www.sat.gob.mx/';

/** Schemas with which comprobantes are judged; what they import is fetched too. */
export const SCHEMAS: readonly string[] = [
  '4/cfdv40.xsd',
  'TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd',
  'Pagos/Pagos20.xsd',
  'nomina/nomina12.xsd',
  'implocal/implocal.xsd',
  'leyendasFiscales/leyendasFisc.xsd',
  'donat/donat11.xsd',
  'iedu/iedu.xsd',
].map((path) => `sitio_internet/cfd/${path}`);

/** Stylesheets of the cadena original: nothing in the house needs them, they serve for a second opinion. */
export const STYLESHEETS: readonly string[] = [
  '4/cadenaoriginal_4_0/cadenaoriginal_4_0.xslt',
  'TimbreFiscalDigital/cadenaoriginal_TFD_1_1.xslt',
].map((path) => `sitio_internet/cfd/${path}`);

/** Only what lies here is followed: a reference elsewhere is left as it is. */
const WITHIN = 'sitio_internet/cfd/';

/** One reference: `schemaLocation="…"` of an import, `href="…"` of an include. A pair of namespace and place is none. */
const REFERENCE = /\b(schemaLocation|href)="([^"\s]+)"/g;
const ABSOLUTE = /^https?:\/\/www\.sat\.gob\.mx\/(.+)$/i;

/** Paths that a file refers to, from the root of the site. */
export function referencesOf(path: string, text: string): string[] {
  const found = [...text.matchAll(REFERENCE)].map(([, , place = '']) => targetOf(path, place));
  return [...new Set(found.filter((target) => target !== null))];
}

/** The same file with absolute references made relative, so that nothing is ever fetched when it is read. */
export function withRelativeReferences(path: string, text: string): string {
  return text.replaceAll(REFERENCE, (whole, name: string, place: string) => {
    const target = ABSOLUTE.test(place) ? targetOf(path, place) : null;
    return target === null ? whole : `${name}="${relativeTo(path, target)}"`;
  });
}

function targetOf(path: string, place: string): string | null {
  const absolute = ABSOLUTE.exec(place)?.[1];
  const target = absolute ?? new URL(place, `${SITE}${path}`).href.replace(SITE, '');
  return target.startsWith(WITHIN) && !target.includes('..') ? target : null;
}

function relativeTo(path: string, target: string): string {
  const [from, to] = [path.split('/').slice(0, -1), target.split('/')];
  let same = 0;
  while (same < from.length && from[same] === to[same]) same += 1;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/');
}
