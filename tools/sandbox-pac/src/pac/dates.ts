import { Refusal } from './refusal.ts';

const hour = 3_600_000;
/** A comprobante must be stamped within 72 hours of its Fecha (rule for PACs), and may not lie ahead by over 5 minutes. */
const oldest = 72 * hour;
const ahead = 5 * 60_000;

/** Zones in use by the first two digits of a postal code; border states have towns that follow the neighbour's clock. */
const zonesByPrefix: readonly (readonly [from: number, to: number, ...zones: string[]])[] = [
  [21, 22, 'America/Tijuana'],
  [23, 23, 'America/Mazatlan'],
  [25, 27, 'America/Monterrey', 'America/Matamoros'],
  [31, 33, 'America/Chihuahua', 'America/Ciudad_Juarez', 'America/Ojinaga'],
  [63, 63, 'America/Mazatlan', 'America/Bahia_Banderas'],
  [64, 67, 'America/Monterrey', 'America/Matamoros'],
  [77, 77, 'America/Cancun'],
  [80, 82, 'America/Mazatlan'],
  [83, 85, 'America/Hermosillo'],
  [87, 89, 'America/Monterrey', 'America/Matamoros'],
];
/** The centre's clock: most of the country, and every FechaTimbrado. */
const centre = 'America/Mexico_City';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  formats.set(zone, made);
  return made;
}

/** Local time of a zone, `YYYY-MM-DDThh:mm:ss`, as comprobante and timbre write it. */
export function localTime(instant: Date, zone: string = centre): string {
  return formatOf(zone).format(instant).replace(' ', 'T');
}

/** The instant that a zone's clock shows as `local`; in the hour that a clock skips or repeats, the one by standard reckoning. */
export function instantOf(local: string, zone: string): Date {
  const asUtc = Date.parse(`${local}Z`);
  let guess = asUtc;
  for (let round = 0; round < 2; round += 1) guess += asUtc - Date.parse(`${localTime(new Date(guess), zone)}Z`);
  return new Date(guess);
}

/** Zones that a postal code may lie in. */
export function zonesOf(postalCode: string): readonly string[] {
  const prefix = Number(postalCode.slice(0, 2));
  const found = zonesByPrefix.find(([from, to]) => prefix >= from && prefix <= to);
  return found === undefined ? [centre] : found.slice(2).map(String);
}

/** Errors: Refusal CFDI40101 (ahead of the PAC's clock), 401 (over 72 hours old). One fitting zone of the place is enough. */
export function checkDate(fecha: string, postalCode: string, now: Date): void {
  const ages = zonesOf(postalCode).map((zone) => now.getTime() - instantOf(fecha, zone).getTime());
  if (ages.some((age) => age >= -ahead && age <= oldest)) return;
  const detail = `Fecha ${fecha}, hora del PAC ${localTime(now)} (Zona Centro)`;
  throw new Refusal(ages.every((age) => age < -ahead) ? 'CFDI40101' : '401', detail);
}
