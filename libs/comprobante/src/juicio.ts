import { faultOfDecimal, isDecimal } from './decimales.ts';
import { falta, MOST_FALTAS, type CodigoDeFalta, type Falta } from './falta.ts';
import { collapse, isXmlText, lengthOf } from './textos.ts';

/** Gathers the faults of one document; each check says whether the field passed. */
export class Juicio {
  readonly faltas: Falta[] = [];

  /** Notes a fault, unless enough are named already. */
  add(path: string, code: CodigoDeFalta, message: string, remedy: string): false {
    if (!this.isFull) this.faltas.push(falta(path, code, message, remedy));
    return false;
  }

  /** Whether so many faults are named that looking for more is of no use to anyone. */
  get isFull(): boolean {
    return this.faltas.length >= MOST_FALTAS;
  }

  /** A field that this comprobante must not have. */
  absent(path: string, value: unknown, message: string, remedy = `Quite ${path}.`): boolean {
    return value === undefined || this.add(path, 'cfdi.forbidden', message, remedy);
  }

  /** A text that goes into the XML: legal characters, no `|`, 1 to `most` characters after collapsing white space. */
  text(path: string, value: string | undefined, most: number): boolean {
    if (value === undefined) return true;
    if (!isXmlText(value)) {
      return this.add(path, 'cfdi.character', `${path} lleva un carácter que no se puede imprimir.`, 'Quítelo.');
    }
    if (value.includes('|')) {
      return this.add(path, 'cfdi.character', `${path} no puede llevar el signo «|».`, 'Quite el signo «|».');
    }
    const length = lengthOf(collapse(value));
    if (length === 0) return this.add(path, 'cfdi.length', `${path} está vacío.`, 'Escriba un valor o quite el campo.');
    if (length <= most) return true;
    return this.add(path, 'cfdi.length', `${path} pasa de ${most} caracteres.`, `Acórtelo a ${most} caracteres.`);
  }

  /** A text of a fixed form. */
  pattern(path: string, value: string | undefined, form: RegExp, remedy: string): boolean {
    if (value === undefined || form.test(value)) return true;
    return this.add(path, 'cfdi.pattern', `${path} no tiene la forma que pide el SAT.`, remedy);
  }

  /** A field that this type of comprobante cannot do without. */
  required(path: string, value: unknown, remedy: string): boolean {
    if (value !== undefined) return true;
    return this.add(path, 'cfdi.required', `Falta ${path}.`, remedy);
  }

  /** A figure: plain decimal of at most 18 whole digits and 6 decimals. */
  decimal(path: string, value: string | undefined): boolean {
    if (value === undefined || isDecimal(value)) return true;
    const remedy = 'Escriba hasta 18 enteros y 6 decimales, con punto, sin signo ni comas; p. ej. 1234.50.';
    return this.add(path, 'cfdi.pattern', `${path} ${faultOfDecimal(value)}.`, remedy);
  }

  /** A figure above zero. */
  positive(path: string, value: string): boolean {
    if (!this.decimal(path, value)) return false;
    if (/[1-9]/.test(value)) return true;
    return this.add(path, 'cfdi.range', `${path} debe ser mayor que cero.`, 'Escriba una cantidad mayor que cero.');
  }

  /** A code that must stand in a catalogue of the tax authority. */
  catalogue(path: string, isKnown: boolean, catalogo: string): boolean {
    if (isKnown) return true;
    return this.add(
      path,
      'cfdi.catalogue',
      `${path} no está en el catálogo ${catalogo} del SAT.`,
      `Use una clave vigente de ${catalogo}.`,
    );
  }
}
