import { acting, byPageOf, listing, type NoQuery, of, reading } from '../form.ts';
import type { MigratingEndpoint, Migration, MigrationQuery, MigrationStart, NewMigration } from '../shapes/software.ts';

const one = '/endpoint/v1/migrations/{migrationJobId}';

/** Moving endpoints from tenant to tenant (reference, 6.4). The answers hold secrets. */
export const migrations = {
  list: listing('/endpoint/v1/migrations', byPageOf(500), of<Migration, MigrationQuery>(), 'list the migrations'),
  /** In the receiving tenant. */
  create: acting('POST', '/endpoint/v1/migrations', of<Migration, NoQuery, NewMigration>(), 'prepare a migration'),
  get: reading(one, of<Migration>(), 'read a migration'),
  /** In the sending tenant. */
  start: acting('PUT', one, of<Migration, NoQuery, MigrationStart>(), 'start a migration'),
  endpoints: listing(`${one}/endpoints`, byPageOf(500), of<MigratingEndpoint>(), 'list the endpoints of a migration'),
};
