import { Permanent } from '@nexora/agent';
import { InvalidKey, ObjectDiffers } from '@nexora/storage';

/**
 * Puts into object storage. What the same bytes under the same key can never mend is for a person; anything else is
 * tried again.
 * @throws Permanent when no store could keep the key, or other bytes stand under it
 */
export async function keeping<T>(put: Promise<T>): Promise<T> {
  try {
    return await put;
  } catch (error) {
    if (error instanceof ObjectDiffers) {
      throw new Permanent(
        'cfdi.storage',
        'En el almacén ya hay otro archivo con el nombre de este comprobante. Guárdelo aparte, quítelo y reintente.',
      );
    }
    if (error instanceof InvalidKey) {
      throw new Permanent(
        'cfdi.storage',
        'El almacén no admite el nombre del archivo de este comprobante. Avise a soporte; el timbre está a salvo.',
      );
    }
    throw error;
  }
}
