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

const FACTS: Readonly<Record<string, string>> = {
  'machine-id': 'el id del equipo (LICENSE_MACHINE_ID)',
  serial: 'la serie de la placa o del disco (LICENSE_SERIAL)',
};

/** Which facts of the machine cannot be read, and what to do about it. */
export function unreadWords(facts: readonly string[]): string {
  const names = facts.map((name) => FACTS[name] ?? name).join(' y ');
  return `no se puede leer ${names}; en un contenedor hay que pasarlo`;
}
