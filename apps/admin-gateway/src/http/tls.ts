import { createSecureContext } from 'node:tls';
import { StartRefused } from '@nexora/runtime';

/** What the server needs to speak HTTPS, as PEM. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

/**
 * Certificate and key from the settings; null for plain HTTP.
 * @throws StartRefused when only one of the two is set, or when they do not fit together.
 */
export function tlsOf({
  TLS_CERT: cert,
  TLS_KEY: key,
}: {
  readonly TLS_CERT: string;
  readonly TLS_KEY: string;
}): Tls | null {
  if (cert === '' && key === '') return null;
  if (cert === '' || key === '') throw new StartRefused('TLS_CERT and TLS_KEY belong together: set both or none.');
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw new StartRefused('TLS_CERT and TLS_KEY are no certificate and key in PEM that fit together.', { cause });
  }
  return { cert, key };
}
