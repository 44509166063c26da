import { createRequire } from 'node:module';
import type { Connection, Submittable } from 'pg';
import type { Statement } from '@nexora/database';

/** The driver's own way from a JavaScript value to a parameter; its types do not tell of it. */
const { prepareValue } = createRequire(import.meta.url)('pg/lib/utils.js') as {
  prepareValue: (value: unknown) => string | Buffer | null;
};

interface Prepared {
  readonly text: string;
  readonly name: string;
  readonly values: readonly (string | Buffer | null)[];
}

/**
 * Several statements as one message to Postgres, closed by a single Sync: Postgres runs them in one transaction and
 * commits at the Sync, or undoes all of them at the first error ("pipelining" in the protocol's description). Their
 * rows are not read.
 */
export class StatementGroup implements Submittable {
  /** Resolves after the commit of all. */
  readonly committed: Promise<void>;
  readonly #statements: readonly Prepared[];
  readonly #known: Set<string>;
  /** The driver replaces this when it adds a time-out of its own. */
  callback: (error: Error | null) => void = () => undefined;

  /** @param known Names whose plans the connection keeps; new ones are added. @throws when a value cannot be sent. */
  constructor(statements: readonly Statement[], known: Set<string>) {
    this.#known = known;
    this.#statements = statements.map(({ text, name = '', values = [] }) => ({
      text,
      name,
      values: values.map(sendable),
    }));
    this.committed = new Promise((resolve, reject) => {
      this.callback = (error) => (error === null ? resolve() : reject(error));
    });
  }

  /** Called by the driver when it is the group's turn. */
  submit(connection: Connection): void {
    connection.stream.cork();
    try {
      for (const { text, name, values } of this.#statements) {
        if (name === '' || !this.#known.has(name)) connection.parse({ name, text, types: [] }, true);
        if (name !== '') this.#known.add(name);
        connection.bind({ statement: name, values: [...values] }, true);
        connection.execute({}, true);
      }
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
  }

  handleReadyForQuery(): void {
    this.callback(null);
  }
  handleError(error: Error): void {
    this.callback(error);
  }
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(connection: Connection & { sendCopyFail(why: string): void }): void {
    connection.sendCopyFail('COPY has no place here');
  }
}

function sendable(value: unknown): string | Buffer | null {
  return prepareValue(value);
}
