import type { DomainEvent, DomainEventPayload } from '@nexora/contracts';
import { isOurTx, queryIn, type AnyTx } from './any-tx.ts';
import { wakeWith } from './after-commit.ts';
import { asking } from './errors.ts';

/** What may be said about an event besides its payload. */
export interface EmitOptions {
  readonly organization?: string;
  readonly traceparent?: string;
}

/**
 * Tells what happened, inside the caller's transaction. Every subscriber gets a job of its own; the teller knows none.
 * @returns Kinds that have a new job; with a transaction of ours they are woken after the commit.
 */
export async function emit<E extends DomainEvent>(
  tx: AnyTx,
  event: E,
  payload: DomainEventPayload<E>,
  options: EmitOptions = {},
): Promise<string[]> {
  const rows = await asking(
    queryIn<{ kinds: string[] }>(tx, {
      name: 'agents.emit',
      text: 'SELECT agents.emit($1, $2, $3, $4) AS kinds',
      values: [event, JSON.stringify(payload), options.organization ?? null, options.traceparent ?? null],
    }),
  );
  const kinds = rows[0]?.kinds ?? [];
  if (isOurTx(tx)) wakeWith(tx, kinds);
  return kinds;
}
