import type { RowDataPacket } from 'mysql2/promise';
import type { ActOptions } from '../host.ts';
import type { Policy } from '../policy.ts';
import type { UserCommand } from '../root-acts.ts';
import { type ResolvedCommand, resolveCommand } from '../streams/stream-command.ts';
import { withLongStatements } from './long-statements.ts';
import { withRoot } from './mariadb.ts';

/**
 * Runs `work` with the command that takes a stream. Where that is the client of a database, it accepts statements of any length
 * meanwhile, and the command comes with the collations that it knows.
 */
export const intoCommand = <T>(
  policy: Policy,
  into: UserCommand,
  live: ActOptions,
  work: (resolved: ResolvedCommand) => Promise<T>,
): Promise<T> =>
  withLongStatements(into.longStatements, live, async () =>
    work({ ...resolveCommand(policy, into), collations: await knownCollations(into.longStatements, live) }),
  );

async function knownCollations(socket: string | undefined, live: ActOptions): Promise<string[] | undefined> {
  if (socket === undefined) return undefined;
  return withRoot(socket, live, async (db) => {
    // Since MariaDB 10.10 most are listed without their character set, which full_collation_name has.
    const [columns] = await db.query<RowDataPacket[]>(
      `SELECT 1 FROM information_schema.columns WHERE table_schema = 'information_schema'
       AND table_name = 'COLLATION_CHARACTER_SET_APPLICABILITY' AND column_name = 'FULL_COLLATION_NAME'`,
    );
    const column = columns.length > 0 ? 'full_collation_name' : 'collation_name';
    const [rows] = await db.query<RowDataPacket[]>(
      `SELECT ${column} AS name FROM information_schema.collation_character_set_applicability`,
    );
    return rows.map(({ name }) => String(name));
  });
}
