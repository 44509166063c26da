import type { Order } from '@nexora/sandbox-portal';

/** Id of the licence of every demonstration. */
export const DEMO_LICENSE = 'nexora-demo';

/** What the demonstration business has: everything, documents of 30 days, a contract of a year. */
export const DEMO_ORDER: Order = {
  id: DEMO_LICENSE,
  customer: 'ESCUELA KEMPER URGATE',
  rfc: 'EKU9003173C9',
  plan: 'demostración',
  features: ['cfdi', 'respaldos', 'media', 'avisos'],
  quantities: { sucursales: 1 },
  validDays: 30,
};
