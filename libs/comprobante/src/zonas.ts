/** First two digits of a postal code → time zone. Border towns with summer time need the explicit setting. */
const RANGES: readonly (readonly [first: number, last: number, zone: string])[] = [
  [1, 16, 'America/Mexico_City'],
  [20, 20, 'America/Mexico_City'],
  [21, 22, 'America/Tijuana'],
  [23, 23, 'America/Mazatlan'],
  [24, 24, 'America/Merida'],
  [25, 27, 'America/Monterrey'],
  [28, 30, 'America/Mexico_City'],
  [31, 33, 'America/Chihuahua'],
  [34, 35, 'America/Monterrey'],
  [36, 62, 'America/Mexico_City'],
  [63, 63, 'America/Mazatlan'],
  [64, 67, 'America/Monterrey'],
  [68, 76, 'America/Mexico_City'],
  [77, 77, 'America/Cancun'],
  [78, 79, 'America/Mexico_City'],
  [80, 82, 'America/Mazatlan'],
  [83, 85, 'America/Hermosillo'],
  [86, 86, 'America/Mexico_City'],
  [87, 89, 'America/Monterrey'],
  [90, 96, 'America/Mexico_City'],
  [97, 97, 'America/Merida'],
  [98, 99, 'America/Mexico_City'],
];

/** Time zones of Mexico (law of 2022 on time zones; border municipalities have their own). */
export const ZONAS: readonly string[] = [
  'America/Mexico_City',
  'America/Cancun',
  'America/Merida',
  'America/Monterrey',
  'America/Matamoros',
  'America/Chihuahua',
  'America/Ciudad_Juarez',
  'America/Ojinaga',
  'America/Hermosillo',
  'America/Mazatlan',
  'America/Bahia_Banderas',
  'America/Tijuana',
];

/** Prefixes of the states where some towns keep another time than the rest of the state. */
const DIVIDED: ReadonlySet<number> = new Set([25, 26, 27, 31, 32, 33, 63, 64, 65, 66, 67, 87, 88, 89]);

/** Time zone of a postal code by its first two digits; `undefined` when no state has such postal codes. */
export function zonaDe(codigoPostal: string): string | undefined {
  const prefix = Number(codigoPostal.slice(0, 2));
  return RANGES.find(([first, last]) => first <= prefix && prefix <= last)?.[2];
}

/** Whether some towns of this postal code's state keep another time, so that the zone had better be said explicitly. */
export function zonaIsDoubtful(codigoPostal: string): boolean {
  return DIVIDED.has(Number(codigoPostal.slice(0, 2)));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zona: string): Intl.DateTimeFormat {
  let format = formats.get(zona);
  if (format === undefined) {
    // Swedish writes a date as YYYY-MM-DD HH:MM:SS.
    format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zona,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(zona, format);
  }
  return format;
}

/** The instant as a clock on the wall there shows it, as Anexo 20 writes it: `2026-11-21T09:30:00`, no zone. */
export function horaLocal(instant: Date, zona: string): string {
  return formatOf(zona).format(instant).replace(' ', 'T');
}
