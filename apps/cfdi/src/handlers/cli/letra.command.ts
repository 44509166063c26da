import { letra } from '@nexora/comprobante';
import { Faulty, given, Usage, type Run } from './command.ts';

/** An amount in words. */
export const letraCommand: Run = (args, { write }) => {
  const [importe, moneda = 'MXN', ...others] = given(args, []).positionals;
  if (importe === undefined || others.length > 0) throw new Usage('Escriba un importe y, si no es MXN, la moneda.');
  try {
    write(`${letra(importe, moneda)}\n`);
  } catch (error) {
    if (error instanceof RangeError) throw new Faulty(error.message);
    throw error;
  }
};
