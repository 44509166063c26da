import { describe, expect, it } from '@jest/globals';
import type { Stopped } from '../store/stranded.ts';
import { restOf } from './stopped.ts';

const rest = (changes: Partial<Stopped>) => {
  const code = changes.job === 'cancelled' ? null : 'agents.worker-lost';
  return restOf({ id: 'x', estado: 'pendiente', job: 'dead', code, isDoubtful: false, ...changes });
};

describe('a comprobante whose job ended without a word of its handler', () => {
  it.each(['pendiente', 'sellado', 'enviando'] as const)('is refused for a person to see from %s', (estado) => {
    const { error, ...others } = rest({ estado });
    expect(others).toEqual({ estado: 'rechazado', isOurs: true });
    expect(error.code).toBe('agents.worker-lost');
    expect(error.message).toContain('No se timbró');
    expect(error.remedy).toContain('soporte');
  });

  it('is in review while the outcome of a request is unknown, whatever ended its job', () => {
    for (const job of ['dead', 'cancelled', 'in_doubt'] as const) {
      const { estado, error } = rest({ estado: 'enviando', job, isDoubtful: true });
      expect(estado).toBe('revision');
      expect(error.message).toContain('no se sabe si el PAC timbró');
      expect(error.remedy).toContain('«Reintentar»');
    }
  });

  it('says that a person cancelled it, which is no fault of the program', () => {
    const { estado, error, isOurs } = rest({ job: 'cancelled' });
    expect({ estado, isOurs }).toEqual({ estado: 'rechazado', isOurs: false });
    expect(error).toMatchObject({ code: 'cfdi.stopped', field: null });
    expect(error.message).toContain('Una persona canceló');
    expect(error.remedy).toContain('«Reintentar»');
  });

  it('keeps its state once it is stamped, and says that the stamp is safe', () => {
    for (const estado of ['timbrado', 'almacenado'] as const) {
      for (const job of ['dead', 'cancelled'] as const) {
        const at = rest({ estado, job });
        expect(at.estado).toBe(estado);
        expect(at.error.message).toContain('Ya está timbrado');
        expect(at.error.remedy).toContain('«Reintentar»');
      }
    }
  });
});
