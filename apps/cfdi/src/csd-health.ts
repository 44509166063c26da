import type { Probe, ProbeResult, Telemetry } from '@nexora/runtime';
import type { CsdLife, CsdWarnings } from './store/csd-warnings.ts';

/**
 * What health says of the CSDs: the certificate that ends first and its days. An issuer whose certificate has ended is
 * down and the process stays ready, since the other issuers go on. Never an RFC: the number leads to it.
 */
export function csdProbe(warnings: Pick<CsdWarnings, 'lives'>, telemetry: Pick<Telemetry, 'emit'>): Probe {
  return {
    name: 'csd',
    needed: false,
    check: async () => {
      const lives = await warnings.lives();
      for (const { numero, daysLeft } of lives) {
        if (numero !== null && daysLeft !== null) telemetry.emit('csd-days-left', { certificate: numero, daysLeft });
      }
      return verdict(lives);
    },
  };
}

function verdict(lives: readonly CsdLife[]): ProbeResult {
  const ended = lives.find(({ numero, seals }) => numero !== null && !seals);
  if (ended !== undefined) return { status: 'down', detail: whyNot(ended) };
  const without = lives.filter(({ numero }) => numero === null).length;
  const [first] = lives.filter(({ numero }) => numero !== null);
  const soonest = first === undefined ? [] : [`CSD ${first.numero ?? ''}: quedan ${first.daysLeft ?? 0} días`];
  const missing = without === 0 ? [] : [`${without} emisor(es) sin CSD`];
  const detail = [...soonest, ...missing].join('; ');
  return { status: 'up', detail: detail === '' ? 'sin emisores' : detail };
}

/** Why the certificate of an issuer does not seal. */
function whyNot({ numero, validFrom }: CsdLife): string {
  const csd = `El CSD ${numero ?? ''}`;
  return validFrom === null
    ? `${csd} venció: instale uno vigente`
    : `${csd} todavía no es vigente: vale desde el ${validFrom}. Instale otro, o espere a ese día`;
}
