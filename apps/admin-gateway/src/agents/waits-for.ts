import { z } from 'zod';
import { iso } from '../http/iso.ts';
import type { GatesRow, JobRow } from './ledger.queries.ts';

const CAUSES = [
  'paused',
  'switched-off',
  'not-running',
  'hold',
  'license',
  'clock',
  'internet',
  'class',
  'time',
  'turn',
] as const;

/** Something that a job waits for. */
export const waitsForSchema = z
  .array(
    z.object({
      cause: z.enum(CAUSES),
      message: z.string().describe('For the owner, in Spanish'),
      until: z.iso.datetime({ offset: true }).nullable().describe('When it ends by itself; null: nobody knows'),
    }),
  )
  .describe(
    'What a pending job waits for, in the order in which it concerns a person: all of it must end before it runs. ' +
      'turn: nothing but a free slot. Empty for a job that does not wait',
  );

type Wait = z.output<typeof waitsForSchema>[number];

/** What a pending job waits for. */
export function waitsFor(job: Pick<JobRow, 'agent' | 'run_at'>, gates: GatesRow): Wait[] {
  const waits = [...stopped(job.agent, gates), ...held(gates), ...closed(gates), ...early(job, gates)];
  return waits.length > 0 ? waits : [wait('turn', 'Espera su turno: sale en cuanto el agente tenga un lugar libre.')];
}

function wait(cause: Wait['cause'], message: string, until: Date | null = null): Wait {
  return { cause, message, until: iso(until) };
}

/** What a person has stopped, or left off. */
function stopped(agent: string, { paused, live, switched_off }: GatesRow): Wait[] {
  if (paused) return [wait('paused', `El agente ${agent} está en pausa. Reanúdelo para que siga.`)];
  if (live === 0) return [wait('not-running', `El agente ${agent} no está en marcha. Enciéndalo para que siga.`)];
  return switched_off ? [wait('switched-off', `El agente ${agent} está apagado (AGENTS_ENABLED=false).`)] : [];
}

function held({ holds }: GatesRow): Wait[] {
  return holds.map(({ reason, until }) => wait('hold', reason, until === null ? null : new Date(until)));
}

/** Gates of its kind that are closed. */
function closed(gates: GatesRow): Wait[] {
  return [
    ...(gates.waits_for_license ? [wait('license', `Espera a la licencia. ${gates.license_message}`)] : []),
    ...(gates.clock_wrong ? [wait('clock', 'El reloj de este equipo está atrasado. Corrija fecha y hora.')] : []),
    ...(gates.class_closed ? [line(gates)] : []),
  ];
}

function line({ line_state }: GatesRow): Wait {
  if (line_state === 'offline') return wait('internet', 'Sin Internet: sale solo cuando vuelva la línea.');
  return wait('class', 'La línea acaba de volver: antes sale lo que va primero, y después esto, solo.');
}

function early({ run_at }: Pick<JobRow, 'run_at'>, { now }: GatesRow): Wait[] {
  return run_at > now ? [wait('time', 'Se intenta a la hora indicada.', run_at)] : [];
}
