import type { Logger } from 'typeorm';

const say = (): void => undefined;

/** TypeORM writes to the console by itself otherwise; what happens is told by rejections and by events of the house. */
export const quietLogger: Logger = {
  logQuery: say,
  logQueryError: say,
  logQuerySlow: say,
  logSchemaBuild: say,
  logMigration: say,
  log: say,
};
