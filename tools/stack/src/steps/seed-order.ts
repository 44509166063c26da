/** What the supervisor asks of the seed: the login of the shop's own program. */
export interface SeedOrder {
  readonly url: string;
}

/** What is sold in the demonstration. */
export const SALES = [
  { descripcion: 'Café de olla', cantidad: '3', valorUnitario: '33.33' },
  { descripcion: 'Pan de muerto', cantidad: '12', valorUnitario: '18.50' },
  { descripcion: 'Chocolate de mesa', cantidad: '1', valorUnitario: '145.00' },
] as const;

/** External ids of the demonstration begin with it. */
export const DEMO_PREFIX = 'demo-';
