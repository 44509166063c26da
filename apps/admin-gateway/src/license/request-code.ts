import { toBuffer, toString } from 'qrcode';
import type { LicenseRequest } from './license.queries.ts';

/** What is carried to the portal, exactly: its office takes nothing more and nothing less. */
export interface CarriedRequest {
  readonly id: string;
  readonly nonce: string;
  readonly binding: readonly string[];
}

/** The request as a file. */
export function carried({ licenseId: id, nonce, binding }: LicenseRequest): CarriedRequest {
  return { id, nonce, binding };
}

/** Address at the portal that answers the request, for the phone that opens it; null while no portal is set. */
export function pageFor(request: LicenseRequest): string | null {
  if (request.portal === '') return null;
  const url = new URL(`${request.portal.replace(/\/+$/, '')}/v1/offline`);
  url.searchParams.set('request', Buffer.from(JSON.stringify(carried(request))).toString('base64url'));
  return url.href;
}

/** Level M: what a screen with fingerprints on it still lets a camera read. */
const OPTIONS = { errorCorrectionLevel: 'M', margin: 4 } as const;
/** Pixels of one module of the PNG, so that a phone reads it from a screen. */
const SCALE = 6;

/** The QR code of an address, as a picture for a screen or a printer. */
export async function drawn(url: string, format: 'svg' | 'png'): Promise<Buffer> {
  if (format === 'png') return toBuffer(url, { ...OPTIONS, type: 'png', scale: SCALE });
  return Buffer.from(await toString(url, { ...OPTIONS, type: 'svg' }));
}
