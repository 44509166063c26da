/** A figure with thousands apart: `1234567.50` → `1,234,567.50`. Decimals stay as the document has them. */
export function miles(figure: string): string {
  const [whole = '', decimals] = figure.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}

/** A figure that is taken away; nothing taken away has no sign. */
export function menos(figure: string): string {
  return /[1-9]/.test(figure) ? `-${miles(figure)}` : miles(figure);
}

/** A rate as people read it: `0.160000` → `16%`; an amount per unit stays a figure. */
export function tasa(tipoFactor: string, value: string): string {
  if (tipoFactor !== 'Tasa' || value === '') return value;
  const [whole = '0', decimals = ''] = value.split('.');
  const digits = `${whole}${decimals.padEnd(2, '0')}`;
  const at = digits.length - Math.max(decimals.length - 2, 0);
  const percent = `${digits.slice(0, at).replace(/^0+(?=\d)/, '')}.${digits.slice(at)}`;
  return `${percent.replace(/\.?0*$/, '')}%`;
}

/** `2026-11-21T09:30:00` → `2026-11-21 09:30:00` */
export function fechaHora(text: string): string {
  return text.replace('T', ' ');
}
