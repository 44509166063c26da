import { create } from 'qrcode';

/** A dark rectangle of the code: position and width in modules, one module high. */
export interface Barra {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** The QR code of a text at error correction level M, as vectors. As bytes: to look for shorter parts gains nothing here. */
export function codigoQr(text: string): { readonly size: number; readonly barras: readonly Barra[] } {
  const { modules } = create([{ data: Buffer.from(text), mode: 'byte' }], { errorCorrectionLevel: 'M' });
  const { size } = modules;
  const barras: Barra[] = [];
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      if (modules.get(y, x) === 0) continue;
      const start = x;
      while (x + 1 < size && modules.get(y, x + 1) !== 0) x += 1;
      barras.push({ x: start, y, width: x - start + 1 });
    }
  }
  return { size, barras };
}
