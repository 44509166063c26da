import { Injectable } from '@nestjs/common';
import { Database, type Statement } from '@nexora/database';

/** The only file that knows the tables of the schema __schema__. */
@Injectable()
export class Notes {
  constructor(private readonly database: Database) {}

  /** Whether the note is written already. */
  async isThere(id: string): Promise<boolean> {
    return (await this.database.query({ text: 'SELECT FROM __schema__.note WHERE id = $1', values: [id] })).length === 1;
  }

  /** The statement that writes the note; a second time it changes nothing. */
  static written(id: string): Statement {
    return { text: 'INSERT INTO __schema__.note (id) VALUES ($1) ON CONFLICT DO NOTHING', values: [id] };
  }
}
