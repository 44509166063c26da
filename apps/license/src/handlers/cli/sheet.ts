import type { LicenseState } from '../../license-state.ts';
import { day, modeWords, moment, span, unreadWords } from './words.ts';

const WIDTH = 20;
const NEVER = 'no hay';

/** The licence as an owner reads it, on less than one screen. Times until something are counted from the house's clock. */
export function sheetOf(state: LicenseState): string {
  const lines = [
    `Licencia ${modeWords(state.mode)}: ${state.message}`,
    '',
    ...documentLines(state),
    ...graceLines(state),
    line('Última revisión', moment(state.lastCheck)),
    line('Última renovación', moment(state.lastSuccess)),
    line('Próxima revisión', moment(state.nextCheck)),
    line('Revocaciones', crlWords(state.crl)),
    line('Equipo', machineWords(state.machine)),
    ...unreadLines(state.machine),
    line('Reloj', clockWords(state.clock)),
    ...troubleLines(state),
  ];
  return `${lines.join('\n')}\n`;
}

function documentLines(state: LicenseState): string[] {
  const { id, customer, rfc, plan, entitlements, mode, validUntil, paidUntil, clock } = state;
  if (id === null) return [line('Documento', NEVER)];
  const features = entitlements?.features ?? [];
  const amounts = Object.entries(entitlements?.quantities ?? {}).map(([name, amount]) => `${name}: ${amount}`);
  return [
    line('Documento', id),
    line('Cliente', `${customer} (${rfc})`),
    line('Plan', [plan, ...features, ...amounts].join(', ')),
    line('Este archivo', `${until(validUntil, clock.time)}${mode === 'valid' ? '; se renueva solo' : ''}`),
    line('Contrato pagado', until(paidUntil, clock.time)),
  ];
}

function until(at: string | null, now: string | null): string {
  if (at === null) return NEVER;
  if (now === null) return `hasta el ${day(at)}`;
  const seconds = (Date.parse(at) - Date.parse(now)) / 1_000;
  return seconds > 0 ? `hasta el ${day(at)}, quedan ${span(seconds)}` : `venció el ${day(at)}, hace ${span(seconds)}`;
}

function graceLines({ mode, graceDaysLeft }: LicenseState): string[] {
  if (mode !== 'grace' || graceDaysLeft === null) return [];
  return [line('Días de gracia', `quedan ${graceDaysLeft}; después esperan los timbrados y envíos nuevos`)];
}

function crlWords(crl: LicenseState['crl']): string {
  if (crl.number === 0) return 'aún no hay lista';
  const age = crl.ageSeconds === null ? '' : `, de hace ${span(crl.ageSeconds)}`;
  return `lista ${crl.number}${age}${crl.stale ? ' (atrasada)' : ''}`;
}

function machineWords({ match, same, rebindAllowedAt }: LicenseState['machine']): string {
  if (match === null) return 'la licencia no está ligada a un equipo';
  if (same) return `el mismo (${match} de 3)`;
  const from = rebindAllowedAt === null ? '' : `, desde el ${day(rebindAllowedAt)}`;
  return `cambió (${match} de 3); ligue la licencia a este: npm run --silent license -- rebind${from}`;
}

function unreadLines({ unread }: LicenseState['machine']): string[] {
  return unread.length === 0 ? [] : [line('Sin leer', unreadWords(unread))];
}

function clockWords(clock: LicenseState['clock']): string {
  if (clock.verdict === 'ok') return 'correcto';
  const by = span(clock.offBySeconds);
  if (clock.verdict === 'note') return `atrasado ${by}; se anotó`;
  return `${clock.verdict === 'behind' ? 'atrasado' : 'adelantado'} ${by}; corríjalo: vale la hora firmada por el portal`;
}

function troubleLines({ lastRefusal, refusedKeys, waits }: LicenseState): string[] {
  const waiting = waits.filter((each) => each.waiting > 0).map((each) => `${each.kind}: ${each.waiting}`);
  return [
    ...(waiting.length === 0 ? [] : [line('Esperan', waiting.join(', '))]),
    ...(lastRefusal === null ? [] : [line('Portal', `no renovó: ${lastRefusal.message} (${lastRefusal.code})`)]),
    ...refusedKeys.map(({ position, start, why }) => line('Llave rechazada', `la ${position}.ª (${start}…) ${why}`)),
  ];
}

/** What a document or a portal says is shown, never obeyed by the terminal. */
function line(name: string, value: string): string {
  return `  ${name.padEnd(WIDTH)}${value.replace(/\p{Cc}/gu, ' ')}`;
}
