import { problems } from './problem.ts';

/** Errors of the ledger and of the agents' common ground. */
export const AGENTS_PROBLEMS = problems({
  'agents.unknown-kind': {
    title: 'Unknown kind of job',
    status: 422,
    es: 'No existe ese tipo de trabajo. Revise el nombre, por ejemplo «cfdi.stamp».',
    en: 'There is no such kind of job. Check the name, for instance "cfdi.stamp".',
  },
  'agents.payload-invalid': {
    title: 'Payload does not fit the kind',
    status: 422,
    es: 'Los datos del trabajo no tienen la forma esperada. Corrija el campo indicado y envíelo de nuevo.',
    en: 'The payload does not have the expected shape. Mend the field that is named and hand it over again.',
  },
  'agents.payload-too-large': {
    title: 'Payload over 256 kB',
    status: 413,
    es: 'Los datos del trabajo pasan de 256 kB. Guarde lo grande en el almacén de archivos y envíe solo su clave.',
    en: 'The payload is over 256 kB. Keep what is large in object storage and hand over its key.',
  },
  'agents.not-allowed': {
    title: 'This login may not do that',
    status: 403,
    es: 'Este usuario no tiene permiso para ese tipo de trabajo.',
    en: 'This login may not use that kind of job.',
  },
  'agents.bad-argument': {
    title: 'An argument of the call is wrong',
    status: 422,
    es: 'Un dato de la llamada no es válido: prioridad, clave de orden o fecha. Corríjalo y repita la llamada.',
    en: 'An argument is not valid: priority, order key or time. Mend it and call again.',
  },
  'agents.refused-to-start': {
    title: 'Ledger and declaration disagree',
    es: 'El agente no arranca porque su versión no coincide con la base de datos. Aplique las migraciones o instale la versión correcta.',
    en: 'The agent does not start: its version and the database disagree. Run the migrations or install the right version.',
  },
  'agents.stale': {
    title: 'The job was given to another worker',
    status: 409,
    es: 'Otro proceso ya tomó este trabajo; el resultado tardío se descartó.',
    en: 'Another process has this job by now; the late outcome was dropped.',
  },
  'agents.worker-lost': {
    title: 'The process that ran the job was lost',
    es: 'El proceso que hacía este trabajo se perdió cinco veces. Revise los datos del trabajo antes de reintentarlo.',
    en: 'The process that ran this job was lost five times. Look at its data before you retry it.',
  },
  'agents.timeout': {
    title: 'The job took longer than its limit',
    es: 'El trabajo tardó más de lo permitido y se interrumpió; se intentará de nuevo.',
    en: 'The job took longer than its limit and was stopped; it will be tried again.',
  },
  'agents.attempts-exhausted': {
    title: 'No attempts left',
    es: 'Se agotaron los intentos. Corrija la causa indicada y reintente.',
    en: 'All attempts are used up. Mend the cause that is shown and retry.',
  },
  'agents.failed': {
    title: 'The handler failed',
    es: 'El trabajo falló por un error inesperado; se intentará de nuevo.',
    en: 'The job failed with an unexpected error; it will be tried again.',
  },
  'agents.result-invalid': {
    title: 'Result does not fit the kind',
    es: 'El agente produjo un resultado con forma inesperada. Es un error del programa: avise a soporte.',
    en: 'The agent made a result of an unexpected shape. This is a fault of the software: tell support.',
  },
  'agents.in-doubt': {
    title: 'Outcome unknown',
    status: 409,
    es: 'No se sabe si el envío llegó a su destino. El agente lo preguntará antes de repetirlo.',
    en: 'Nobody knows yet whether the request took effect. The agent asks before it repeats it.',
  },
  'agents.offline': {
    title: 'No Internet',
    status: 503,
    es: 'No hay Internet. El trabajo espera y saldrá solo cuando vuelva la línea.',
    en: 'There is no Internet. The job waits and leaves by itself once the line is back.',
  },
  'agents.clock-wrong': {
    title: 'The clock of this machine is wrong',
    status: 503,
    es: 'El reloj del equipo está atrasado. Corrija fecha y hora; el trabajo sigue solo después.',
    en: 'The clock of this machine is behind. Set date and time; work goes on by itself afterwards.',
  },
  'agents.job-not-found': {
    title: 'No such job',
    status: 404,
    es: 'No existe ese trabajo, o su historial ya se depuró.',
    en: 'There is no such job, or its history has been pruned.',
  },
  'agents.job-running': {
    title: 'The job is running',
    status: 409,
    es: 'El trabajo está en curso; espere a que termine.',
    en: 'The job is running; wait until it has ended.',
  },
  'agents.job-finished': {
    title: 'The job has ended',
    status: 409,
    es: 'El trabajo ya terminó; no queda nada que cambiar.',
    en: 'The job has ended; there is nothing left to change.',
  },
});
