/** Where an agent is killed, in the order in which a comprobante passes the places. */
export const PLACES = [
  'cfdi.before-seal',
  'cfdi.after-seal',
  'cfdi.before-request',
  /** The PAC has stamped and has not answered: no place in the agent's code, so the sandbox holds its answer back. */
  'at-the-pac',
  'cfdi.after-answer',
  'cfdi.after-row',
  'cfdi.after-storage',
  'cfdi.after-pdf',
] as const;

/** One of those places. */
export type Place = (typeof PLACES)[number];

/** The sandbox's protocols. */
export const PROTOCOLS = ['sw', 'finkok'] as const;

/** What else is the case while it happens. */
export const SCENES = ['alone', 'with another replica', 'with Redis flushed'] as const;

/** One square of the matrix. */
export interface Cell {
  readonly place: Place;
  readonly protocol: (typeof PROTOCOLS)[number];
  readonly scene: (typeof SCENES)[number];
}

/** The whole matrix, agents with the same settings side by side: they are started seldom then. */
export const CELLS: readonly Cell[] = PROTOCOLS.flatMap((protocol) =>
  SCENES.flatMap((scene) => PLACES.map((place) => ({ place, protocol, scene }))),
);

/** Whether two agents share the work in a square. */
export function hasReplica({ scene }: Cell): boolean {
  return scene === 'with another replica';
}

/**
 * A sample: every place, both protocols and every scene, by the seed; and `more` squares of the rest. One protocol is
 * spoken by one agent, the other by two replicas, so that few agents have to be started.
 * @param seed a whole number from 0
 */
export function sampleOf(seed: number, more: number): readonly Cell[] {
  const lone = PROTOCOLS[seed % PROTOCOLS.length];
  const near = CELLS.filter((cell) => hasReplica(cell) === (cell.protocol !== lone));
  const turn = Math.floor(seed / PROTOCOLS.length);
  const isOnTheDiagonal = ({ place, scene }: Cell): boolean =>
    SCENES.indexOf(scene) === (PLACES.indexOf(place) + turn) % SCENES.length;
  const rest = near.filter((cell) => !isOnTheDiagonal(cell));
  const drawn = new Set(Array.from({ length: more }, (_, index) => rest[(turn + index * 7) % rest.length]));
  return near.filter((cell) => isOnTheDiagonal(cell) || drawn.has(cell));
}
