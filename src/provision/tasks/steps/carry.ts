import { randomBytes } from 'node:crypto';
import { runProgram } from '../../engines/program.ts';
import type { SiteContext } from '../../model/context.ts';
import type { StepIo } from '../model/task.ts';

async function installBare(site: SiteContext, io: StepIo): Promise<void> {
  const engine = io.engines.named(site.platform.engine);
  // A temporary account, which the copied rows replace.
  const secrets = { adminPassword: randomBytes(18).toString('base64url') };
  for (const program of engine.install(site, io.services.served(site), secrets))
    await runProgram(io.host, site, engine.name, program, io);
}

/** Copies the rows of a site's SQLite file into the tables that the installer creates in its MariaDB database. */
export async function carryRows(site: SiteContext, file: string, io: StepIo): Promise<void> {
  await installBare(site, io);
  const access = io.services.db(site.server).access(site);
  if (access.driver !== 'mariadb') throw new Error(`rows cannot be copied into ${access.driver}`);
  const dsn = `mysql:unix_socket=${access.socket};dbname=${access.database};charset=utf8mb4`;
  const caches = io.engines.named(site.platform.engine).cacheTables;
  const input = { file, dsn, account: access.account, caches };
  const program = { file: 'carry.php', cwd: '/', seconds: 7200, input };
  const { tables, rows } = await runProgram(io.host, site, 'common', program, io);
  io.log('info', `copied ${String(rows)} rows of ${String(tables)} tables`);
}
