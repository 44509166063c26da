/** What the steering process says to a consumer or producer, and what they say back (Node's IPC). */
export type ToConsumer = { readonly ask: 'report' } | { readonly ask: 'stop' };

/** What a consumer saw: for each id the first start of its handler, and when the last effect was committed. */
export interface ConsumerReport {
  readonly starts: readonly (readonly [id: number, micros: number])[];
  readonly done: number;
  readonly firstStart: number;
  readonly lastDone: number;
}

export type FromConsumer =
  | { readonly say: 'ready' }
  | { readonly say: 'report'; readonly report: ConsumerReport }
  | { readonly say: 'failed'; readonly reason: string };

/** What a producer did: for each id the moment just before its COMMIT. */
export interface ProducerReport {
  readonly commits: readonly (readonly [id: number, micros: number])[];
  readonly began: number;
  readonly ended: number;
}

export type FromProducer =
  { readonly say: 'produced'; readonly report: ProducerReport } | { readonly say: 'failed'; readonly reason: string };
