/** Colour of headings of an issuer that chose none. */
export const COLOR_DE_LA_CASA = '#1f4e79';

const WHITE = '#ffffff';
const INK = '#1a1a1a';
/** Least contrast of text (WCAG 2.2, 1.4.3). */
const READABLE = 4.5;

/** Black or white, whichever reads better on the colour. */
export function sobre(color: string): string {
  return contrast(color, WHITE) >= contrast(color, INK) ? WHITE : INK;
}

/** The colour, darkened until it reads on white paper: an issuer may have chosen yellow. */
export function legible(color: string): string {
  let parts = channels(color);
  while (contrast(hex(parts), WHITE) < READABLE) parts = parts.map((one) => Math.floor(one * 0.9));
  return hex(parts);
}

/** `#rrggbb` as a PDF takes it: three parts of one. */
export function rgb(color: string): string {
  const written = channels(color).map((one) => Number((one / 255).toFixed(3)));
  return written.join(' ');
}

function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Relative luminance (WCAG 2.2). */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color)
    .map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

function hex(parts: readonly number[]): string {
  return `#${parts.map((one) => one.toString(16).padStart(2, '0')).join('')}`;
}
