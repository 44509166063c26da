import type { Heartbeat } from './heartbeat.ts';
import { PortsHeartbeat, type OutsidePort } from './ports.heartbeat.ts';
import { UrlHeartbeat } from './url.heartbeat.ts';

/** The settings that decide how the outside is asked. */
export interface HeartbeatSettings {
  readonly AGENTS_HEARTBEAT_URL: string;
  readonly AGENTS_HEARTBEAT_EXPECT: string;
  readonly AGENTS_HEARTBEAT_TIMEOUT_SECONDS: number;
  readonly PAC_PROVIDER: 'sandbox' | 'sw' | 'finkok';
  readonly PAC_URL: string;
  readonly LICENSE_PORTAL_URL: string;
}

/** Where the PACs are in production, as the cfdi agent knows them too; the sandbox has no usual address. */
export const USUAL_PAC = {
  sandbox: '',
  sw: 'https://services.sw.com.mx',
  finkok: 'https://facturacion.finkok.com',
} as const;

/** The heartbeat that the settings ask for; undefined when nothing outside is configured: then nobody judges the line. */
export function heartbeatFrom(settings: HeartbeatSettings): Heartbeat | undefined {
  const timeoutMs = settings.AGENTS_HEARTBEAT_TIMEOUT_SECONDS * 1_000;
  const { AGENTS_HEARTBEAT_URL: url, AGENTS_HEARTBEAT_EXPECT: expect } = settings;
  if (url !== '') return new UrlHeartbeat({ url, expect, timeoutMs });
  const pac = settings.PAC_URL || USUAL_PAC[settings.PAC_PROVIDER];
  const ports = [pac, settings.LICENSE_PORTAL_URL].filter((address) => address !== '').map(portOf);
  return ports.length === 0 ? undefined : new PortsHeartbeat(ports, timeoutMs);
}

function portOf(address: string): OutsidePort {
  const { hostname, port, protocol } = new URL(address);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}
