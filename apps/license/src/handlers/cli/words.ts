import type { LicenseMode } from '@nexora/contracts';

const MODES: Readonly<Record<LicenseMode, string>> = {
  valid: 'vigente',
  grace: 'en días de gracia',
  limited: 'limitada',
  revoked: 'revocada',
  invalid: 'no válida',
};

/** How an owner reads a mode. */
export function modeWords(mode: LicenseMode): string {
  return MODES[mode];
}

/** `2026-11-21`; in UTC, as the documents have it. */
export function day(at: string): string {
  return at.slice(0, 10);
}

/** `2026-11-21 14:05` in the time of this machine; `nunca` when it never was. */
export function moment(at: string | null): string {
  return at === null ? 'nunca' : new Date(at).toLocaleString('sv-SE').slice(0, 16);
}

/** An amount of seconds in the largest unit that it fills: `3 días`. */
export function span(seconds: number): string {
  const size = Math.abs(seconds);
  const [amount, one, many] =
    size >= 86_400
      ? [size / 86_400, 'día', 'días']
      : size >= 3_600
        ? [size / 3_600, 'hora', 'horas']
        : size >= 60
          ? [size / 60, 'minuto', 'minutos']
          : [size, 'segundo', 'segundos'];
  const whole = Math.round(amount);
  return `${whole} ${whole === 1 ? one : many}`;
}
