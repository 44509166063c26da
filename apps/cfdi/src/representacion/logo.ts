/** Most bytes of a logo as it is handed over and as it is kept. */
const LOGO_BYTES = 512 * 1024;

/** Most pixels of a kept logo: 300 per inch of the room that it gets on the page. */
const WIDTH = 660;
const HEIGHT = 280;
/** A drawing stays PNG up to here; what is larger is a photograph, which JPEG keeps in less. */
const PNG_BYTES = 96 * 1024;
/** Decoding stops above this, so that a few bytes cannot unfold into a gigabyte. */
const PIXELS = 40_000_000;

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const JPEG = Buffer.from('ffd8ff', 'hex');
const COLOR_TYPE_AT = 25;
const INTERLACED_AT = 28;
/** Colour types of PNG without transparency: grey, RGB, palette. */
const OPAQUE = [0, 2, 3];

/** The image cannot be a logo. In Spanish, for the owner. */
export class LogoRefused extends Error {
  override readonly name = 'LogoRefused';
}

/**
 * Makes of an image what prints fast: upright, on white, no larger than print needs, PNG or JPEG. A logo with
 * transparency would be unpacked point by point for every PDF.
 * @throws LogoRefused when it is no PNG or JPEG that can be read whole, or is larger than 512 kB
 */
export async function logoListo(image: Uint8Array): Promise<Buffer> {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  if (bytes.length > LOGO_BYTES) throw new LogoRefused('El logotipo pasa de 512 kB. Guárdelo con menos tamaño.');
  if (!startsWith(bytes, PNG) && !startsWith(bytes, JPEG)) throw new LogoRefused('El logotipo no es PNG ni JPEG.');
  // Loaded only when somebody sets a logo: its native library is large.
  const { default: sharp } = await import('sharp');
  const ready = sharp(bytes, { limitInputPixels: PIXELS, failOn: 'error' })
    .rotate()
    .resize({ width: WIDTH, height: HEIGHT, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb');
  try {
    const png = await ready.clone().png({ compressionLevel: 9 }).toBuffer();
    return png.length <= PNG_BYTES ? png : await ready.jpeg({ quality: 88, chromaSubsampling: '4:4:4' }).toBuffer();
  } catch {
    throw new LogoRefused('El logotipo está dañado o es demasiado grande. Guárdelo otra vez como PNG o JPEG.');
  }
}

/** Whether the drawing can take the image as it is. */
export function isListo(image: Buffer): boolean {
  if (startsWith(image, JPEG)) return true;
  return startsWith(image, PNG) && OPAQUE.includes(image[COLOR_TYPE_AT] ?? -1) && image[INTERLACED_AT] === 0;
}

function startsWith(bytes: Buffer, magic: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic);
}
