import QRCode from 'qrcode';
import type { Replied } from '../office/vendor.ts';

/** What the page shows. */
export interface ReplyShown {
  /** The reply as text: what the file and the QR hold. */
  readonly body: string;
  readonly replied: Replied;
  /** Address of the file. */
  readonly download: string;
  readonly fileName: string;
  readonly now: Date;
}

/** Bytes that a QR holds at its lowest correction (ISO/IEC 18004, version 40-L). */
const largestQr = 2953;

const style =
  'body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:0 auto;padding:1rem;color:#1d2733;background:#fff}' +
  'h1{font-size:1.4rem}.ok{color:#0a6b3d}.no{color:#a02214}a.file{display:block;padding:.9rem;border-radius:.5rem;' +
  'background:#14508c;color:#fff;text-align:center;text-decoration:none;font-weight:600}svg{width:100%;height:auto}' +
  'dt{color:#51606f}dd{margin:0 0 .5rem}.en{color:#51606f;font-size:.9rem}';

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

function pageOf(title: string, content: string): string {
  return (
    '<!DOCTYPE html><html lang="es"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width,initial-scale=1">' +
    `<title>${escaped(title)}</title><style>${style}</style></head><body>${content}</body></html>`
  );
}

/** A time as people in Mexico read it. */
function dateOf(time: string): string {
  return new Date(time).toLocaleDateString('es-MX', { dateStyle: 'long', timeZone: 'America/Mexico_City' });
}

function outcomeOf({ license, ruling }: Replied): string {
  if (ruling.kind === 'refuse') {
    const { code, message } = ruling.refusal;
    return (
      `<h1 class="no">La licencia no se renovó</h1><p>${escaped(message)}</p>` +
      `<p class="en" lang="en">The licence was not renewed: ${escaped(code)}.</p>`
    );
  }
  const lifetimes = [
    ['Cliente', license?.customer ?? ''],
    ['Archivo válido hasta', dateOf(license?.validUntil ?? '')],
    ['Contrato pagado hasta', dateOf(license?.paidUntil ?? '')],
  ].map(([name = '', value = '']) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`);
  return (
    `<h1 class="ok">Su licencia está renovada</h1><dl>${lifetimes.join('')}</dl>` +
    '<p class="en" lang="en">Your licence is renewed. Take the file, or this screen, to your computer.</p>'
  );
}

async function codeOf(body: string): Promise<string> {
  if (Buffer.byteLength(body) > largestQr) {
    return '<p>La respuesta es demasiado larga para un código QR: descargue el archivo.</p>';
  }
  const code = await QRCode.toString(body, { type: 'svg', errorCorrectionLevel: 'L', margin: 4 });
  return `<p>O muestre este código a la cámara de su computadora:</p>${code}`;
}

/** Page with the reply, for the owner's phone. */
export async function replyPage({ body, replied, download, fileName, now }: ReplyShown): Promise<string> {
  const id = escaped(replied.reply.licenseId);
  const steps =
    '<h2>Qué sigue</h2><ol><li>Descargue el archivo de respuesta.</li>' +
    '<li>Llévelo a su computadora: por cable, memoria USB o Bluetooth.</li>' +
    '<li>En la página de la licencia elija «Instalar respuesta», o ejecute ' +
    `<code>npm run license -- install ${fileName}</code>.</li></ol>`;
  const link = `<a class="file" download="${fileName}" href="${escaped(download)}">Descargar respuesta</a>`;
  const asked = `<p>Licencia <strong>${id}</strong>, ${dateOf(now.toISOString())}.</p>`;
  return pageOf('Renovación de licencia', `${outcomeOf(replied)}${asked}${link}${steps}${await codeOf(body)}`);
}

/** Page for a link that holds no request. */
export function problemPage(): string {
  return pageOf(
    'Solicitud no válida',
    '<h1 class="no">El enlace no contiene una solicitud de licencia</h1>' +
      '<p>Vuelva a la página de la licencia en su computadora, cree una solicitud nueva y escanee el código completo.</p>' +
      '<p class="en" lang="en">The link holds no licence request. Make a new one and scan the whole code.</p>',
  );
}
