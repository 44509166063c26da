import type { Command } from './command.ts';

const EXITS = 'Sale con 0 si se hizo, con 1 y el motivo si no, con 2 por mal uso.';

/** Every command: the table of contents of the tool. What a command needs is loaded when it is called. */
export const COMMANDS: readonly Command[] = [
  {
    word: 'show',
    takes: '[--json]',
    does: 'Muestra la licencia: modo, vigencia, contrato, última revisión y qué espera por ella.',
    help: ['--json   lo mismo que responde GET /api/admin/license, para programas', EXITS],
    load: async () => (await import('./show.command.ts')).show,
  },
  {
    word: 'request',
    takes: '[--out <archivo>] [--qr <archivo.svg | archivo.png>]',
    does: 'Prepara la solicitud de renovación para un equipo sin Internet: un archivo y un código QR.',
    help: [
      '--out   dónde escribir la solicitud; - es la salida estándar',
      '--qr    dónde escribir el código QR, SVG o PNG según su terminación',
      'Sin opciones escribe solicitud-de-licencia.json y solicitud-de-licencia.svg donde usted está.',
      'La respuesta del portal se instala con: npm run --silent license -- install <archivo>',
      EXITS,
    ],
    load: async () => (await import('./request.command.ts')).request,
  },
  {
    word: 'install',
    takes: '<archivo | ->',
    does: 'Instala una licencia, la respuesta del portal o una lista de revocación; - es la entrada estándar.',
    help: [
      'Antes de terminar queda decidido y guardado el modo de la licencia.',
      'Sale con 0 si se aceptó, con 1 y el motivo si se rechazó o no se pudo leer (nada cambia), con 2 por mal uso.',
    ],
    load: async () => (await import('./install.command.ts')).install,
  },
  {
    word: 'fingerprint',
    takes: '[--json]',
    does: 'Muestra la huella de este equipo, tal como la vería el portal; nunca los datos de los que sale.',
    help: ['--json   para programas', EXITS],
    load: async () => (await import('./fingerprint.command.ts')).fingerprint,
  },
  {
    word: 'rebind',
    takes: '',
    does: 'Pide al portal que ligue la licencia a este equipo; una vez cada 30 días.',
    help: ['Úselo después de cambiar de equipo o de disco. Necesita Internet.', EXITS],
    load: async () => (await import('./rebind.command.ts')).rebind,
  },
];
