import type { Migrations } from '@nexora/database';
import { Gateway20261121110000 } from './20261121110000-gateway.ts';

/** Migrations of the gateway: its own schema, nothing else. */
export const gatewayMigrations: Migrations = {
  schema: 'gateway',
  role: 'nexora_gateway',
  migrations: [Gateway20261121110000],
};
