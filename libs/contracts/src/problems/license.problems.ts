import { problems } from './problem.ts';

/** Errors of the licence. */
export const LICENSE_PROBLEMS = problems({
  'license.refused': {
    title: 'The file was not taken, or the licence may not be bound now',
    status: 422,
    es: 'El archivo no se tomó, o la licencia no se puede vincular ahora; nada cambió. El detalle dice por qué.',
    en: 'The file was not taken, or the licence may not be bound now; nothing has changed. The detail says why.',
  },
});
