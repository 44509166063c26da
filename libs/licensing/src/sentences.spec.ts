import { describe, expect, it } from '@jest/globals';
import type { Reason } from './refused.ts';
import { messageOf } from './sentences.ts';

const REASONS: Reason[] = [
  'no license',
  'no key',
  'unknown key',
  'bad signature',
  'unreadable',
  'file expired',
  'contract ended',
  'revocation list stale',
  'machine changed',
  'revoked',
  'suspended',
];

describe('what the owner reads', () => {
  it('when all is well', () => {
    expect(messageOf({ mode: 'valid', reason: null, graceDaysLeft: null }).es).toBe('La licencia está vigente.');
  });

  it('in grace: the days left, and how to mend it', () => {
    expect(messageOf({ mode: 'grace', reason: 'file expired', graceDaysLeft: 6 })).toEqual({
      es: 'El archivo de la licencia venció y no se ha renovado. Todo sigue funcionando 6 días más. Se renueva solo al haber internet; sin él, haga una solicitud en la página de la licencia.',
      en: 'The file of the licence has expired and was not renewed. Everything goes on for 6 days more. It is renewed by itself with a line; without one make a request on the page of the licence.',
    });
    expect(messageOf({ mode: 'grace', reason: 'machine changed', graceDaysLeft: 1 }).es).toContain('1 día más');
  });

  it.each(REASONS)('limited, %s: what waits, what goes on, how to mend it', (reason) => {
    const { es, en } = messageOf({ mode: 'limited', reason, graceDaysLeft: 0 });
    expect(es).toContain(
      'No se timbra ni se envía nada nuevo; los respaldos, los archivos y lo que está en curso siguen.',
    );
    expect(en).toContain('Nothing new is stamped or sent; backups, media and what is under way go on.');
    expect(es.split('. ').length).toBeGreaterThanOrEqual(3);
  });
});
