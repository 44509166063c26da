import { describe, expect, it } from '@jest/globals';
import { decisionOf, nextCheckMs } from './decision.ts';

const HOUR_MS = 3_600_000;
const state = (estado: string, estatusCancelacion = '') => ({
  codigoEstatus: 'S',
  estado,
  esCancelable: '',
  estatusCancelacion,
  validacionEfos: '',
});
const first = { takenForMs: 0, number: 1 };

describe('what the state at the tax authority says of a cancellation', () => {
  it.each([
    ['Cancelado', 'Cancelado sin aceptación'],
    ['Cancelado', 'Cancelado con aceptación'],
    ['Cancelado', 'Plazo vencido'],
  ])('%s, %s: it is done', (estado, how) => {
    expect(decisionOf(state(estado, how), first)).toEqual({ kind: 'cancelled', how });
  });

  it('is undecided while the receiver may answer, and while it shows nothing or does not find it', () => {
    expect(decisionOf(state('Vigente', 'En proceso'), first)).toEqual({ kind: 'open' });
    expect(decisionOf(state('Vigente'), first)).toEqual({ kind: 'nothing' });
    expect(decisionOf(state('No Encontrado'), first)).toEqual({ kind: 'nothing' });
    expect(decisionOf(state('Vigente', 'palabra nueva'), first)).toEqual({ kind: 'nothing' });
  });

  it('is a rejection, unless that is of an earlier request and still shown', () => {
    const rejected = state('Vigente', 'Solicitud rechazada');
    expect(decisionOf(rejected, first)).toEqual({ kind: 'rejected' });
    expect(decisionOf(rejected, { takenForMs: HOUR_MS / 2, number: 2 })).toEqual({ kind: 'open' });
    expect(decisionOf(rejected, { takenForMs: 2 * HOUR_MS, number: 2 })).toEqual({ kind: 'rejected' });
  });
});

it('the questions come 1, 2, 4 … minutes apart, at last every six hours', () => {
  expect([0, 1, 2, 8, 9, 500].map((checks) => nextCheckMs(checks) / 60_000)).toEqual([1, 2, 4, 256, 360, 360]);
});
