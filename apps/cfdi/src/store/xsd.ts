import { falta, type Falta } from '@nexora/comprobante';
import type { Probe, ProbeResult } from '@nexora/runtime';
import { openValidator, SchemasUnusable, type SchemaFault, type Validator } from '../xsd/validator.ts';
import { readSchemas } from './schemas.ts';

const UNWANTED = 'SAT_RESOURCES_DIR no está puesto';

/** Why there is no validation, or what does it. */
type State = { readonly validator: Validator; readonly files: number } | { readonly off: string };

/**
 * Validation by the tax authority's own schemas, where a setting names their folder. A folder that cannot be used never
 * stops the agent: our own checks go on, and health says that XSD is off and why.
 */
export class Xsd {
  #state: State;

  private constructor(state: State) {
    this.#state = state;
  }

  /**
   * Reads and compiles the schemas of a folder; '' means that nobody wants them.
   * @param compiled takes the place of libxml2 in tests
   */
  static async open(folder: string, compiled = openValidator): Promise<Xsd> {
    if (folder === '') return new Xsd({ off: UNWANTED });
    try {
      const { schemas, catalogues } = readSchemas(folder);
      return new Xsd({ validator: await compiled(schemas, catalogues), files: schemas.size - 1 });
    } catch (error) {
      if (error instanceof SchemasUnusable) return new Xsd({ off: error.message });
      throw error;
    }
  }

  /** Why it is off; undefined while it is on. */
  get off(): string | undefined {
    return 'off' in this.#state ? this.#state.off : undefined;
  }

  /**
   * What a document breaks; empty when it is valid or XSD is off. Take an addenda off first: it has no schema.
   * @param xml as written by our own writer: without DOCTYPE
   */
  faultsOf(xml: Uint8Array): readonly SchemaFault[] {
    if ('off' in this.#state) return [];
    try {
      return this.#state.validator.faultsOf(xml);
    } catch (error) {
      // libxml2 itself gave up, for want of memory: stamping goes on, and health says so.
      this.#state = {
        off: `libxml2 falló (${error instanceof Error ? error.message : String(error)}). Reinicie el agente.`,
      };
      return [];
    }
  }

  /** The same in words for the owner: a document that our rules let pass is our fault. */
  faltasDe(xml: Uint8Array): Falta[] {
    return this.faultsOf(xml).map((fault) =>
      falta(
        fault.place,
        'cfdi.schema',
        `El comprobante se generó mal por un error del programa: ${sentenceOf(fault)}`,
        'Avise a soporte; nada se envió al PAC y no se perdió nada.',
      ),
    );
  }

  /** For health: on or off, and why. Off is no fault unless somebody asked for it. */
  get probe(): Probe {
    return { name: 'xsd', needed: false, check: async () => this.#verdict() };
  }

  #verdict(): ProbeResult {
    const state = this.#state;
    if (!('off' in state)) return { status: 'up', detail: `XSD encendido, ${state.files} esquemas` };
    return { status: state.off === UNWANTED ? 'up' : 'down', detail: `XSD apagado: ${state.off}` };
  }
}

/** `Receptor@Nombre no cumple el esquema del SAT (pattern).` */
export function sentenceOf({ place, rule }: SchemaFault): string {
  return `${place} no cumple el esquema del SAT${rule === '' ? '' : ` (${rule})`}.`;
}
