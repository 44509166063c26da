import { hostname, networkInterfaces } from 'node:os';

/** How long the machine's own names are believed before they are read again after a miss: addresses change by DHCP. */
const REREAD_MS = 5_000;

/**
 * Answers whether the name in a `Host` or `Origin` header is one of ours; a page that rebinds its DNS name to this
 * machine sends its own name and is refused.
 *
 * @param configured names or addresses without port; empty: loopback names, the machine's names and addresses.
 */
export function allowedHosts(configured: readonly string[], monotonic: () => number): (host: string) => boolean {
  if (configured.length > 0) {
    const fixed = new Set(configured.map(normalizeHost));
    return (host) => fixed.has(hostOf(host));
  }
  let names = ownNames();
  let readAt = monotonic();
  return (host) => {
    const name = hostOf(host);
    if (!names.has(name) && monotonic() - readAt > REREAD_MS) {
      names = ownNames();
      readAt = monotonic();
    }
    return names.has(name);
  };
}

/** The host of an `Origin` header with its port, or null when it is no origin (`null`, a file, nonsense). */
export function originHost(origin: string): string | null {
  return /^https?:\/\/([^/?#\s@]+)$/i.exec(origin)?.[1] ?? null;
}

/** `Nexora.local:8443` → `nexora.local`, `[::1]:80` → `::1`. */
function hostOf(authority: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(authority)?.[1];
  if (bracketed !== undefined) return normalizeHost(bracketed);
  return normalizeHost(/^([^:]+)(?::\d+)?$/.exec(authority)?.[1] ?? authority);
}

function normalizeHost(host: string): string {
  return host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

function ownNames(): Set<string> {
  const name = normalizeHost(hostname());
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => entry.address));
  return new Set([
    'localhost',
    '127.0.0.1',
    '::1',
    name,
    name.split('.')[0] ?? name,
    `${name.split('.')[0] ?? name}.local`,
    ...addresses.map(normalizeHost),
  ]);
}
