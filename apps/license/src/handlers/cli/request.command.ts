import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { toBuffer, toString } from 'qrcode';
import type { OfflineRequest } from '../../desk.ts';
import { given, NotDone, noOthers, Usage, whyOf, type Run } from './command.ts';
import { withDesk } from './with-desk.ts';

const FILE = 'solicitud-de-licencia.json';
const CODE = 'solicitud-de-licencia.svg';
const STDOUT = '-';
const NO_PORTAL = 'Sin la dirección del portal (LICENSE_PORTAL_URL) no hay código QR.';

/** A request that a phone or another machine carries to the portal, and its answer back. */
export const request: Run = async (args, { write }) => {
  const all = given(args, ['out', 'qr']);
  noOthers(all);
  const { out, qr } = wanted(all.options);
  const asked = await withDesk((desk) => desk.request());
  if (all.options['qr'] !== undefined && asked.url === null) throw new NotDone(NO_PORTAL);
  const text = `${JSON.stringify({ id: asked.licenseId, nonce: asked.nonce, binding: asked.binding })}\n`;
  if (out === STDOUT) write(text);
  else if (out !== undefined) store(out, text);
  if (qr !== undefined && asked.url !== null) store(qr, await codeOf(asked.url, qr));
  if (out !== STDOUT) write(guide(asked, out, qr));
};

/** Without a wish, both. @throws Usage for a code that is neither SVG nor PNG */
function wanted({ out, qr }: Readonly<Record<string, string | undefined>>): { out?: string; qr?: string } {
  if (out === '') throw new Usage('Escriba un archivo después de --out.');
  if (qr !== undefined && !/[^/]\.(svg|png)$/i.test(qr)) throw new Usage('El archivo de --qr termina en .svg o .png.');
  if (out === undefined && qr === undefined) return { out: FILE, qr: CODE };
  return { ...(out === undefined ? {} : { out }), ...(qr === undefined ? {} : { qr }) };
}

function codeOf(url: string, path: string): Promise<string | Buffer> {
  const options = { errorCorrectionLevel: 'M', margin: 4 } as const;
  return /\.png$/i.test(path) ? toBuffer(url, { ...options, scale: 6 }) : toString(url, { ...options, type: 'svg' });
}

function store(path: string, content: string | Buffer): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw new NotDone(`No se puede escribir ${path}: ${whyOf(error)}.`);
  }
}

function guide({ licenseId, url }: OfflineRequest, out: string | undefined, qr: string | undefined): string {
  const lines = [`Solicitud de renovación de la licencia ${licenseId}, válida por 30 días.`];
  if (out !== undefined) lines.push(`  archivo     ${resolve(out)}`);
  if (url === null) lines.push('No hay dirección del portal (LICENSE_PORTAL_URL): envíe el archivo a su proveedor.');
  else {
    if (qr !== undefined) lines.push(`  código QR   ${resolve(qr)}`);
    const code = qr === undefined ? 'Abra' : 'Escanee el código con un teléfono, o abra';
    lines.push(`1. ${code} donde haya Internet esta dirección:`, `   ${url}`);
    lines.push('2. Guarde la respuesta que muestra la página y tráigala a este equipo.');
  }
  lines.push(`${url === null ? '' : '3. '}Instálela: npm run --silent license -- install <archivo>`, '');
  return lines.join('\n');
}
