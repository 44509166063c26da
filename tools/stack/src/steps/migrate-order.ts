/** What the supervisor asks of the migration. */
export interface MigrateOrder {
  readonly url: string;
  /** Names of the logins (`cfdi`, `client`) and their passwords. */
  readonly passwords: Readonly<Record<string, string>>;
}

/** What it answers. */
export interface MigrateAnswer {
  /** Database role by the name of the login; empty when the given login may not create roles: every app uses it. */
  readonly logins: Readonly<Record<string, string>>;
  readonly ran: readonly string[];
}
