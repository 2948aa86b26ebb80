import type { Command } from 'commander';
import { listServers, type ServerRow } from '../db/servers.ts';
import { AegirError } from '../provision/model/errors.ts';
import { serverContextOf } from '../worker/contexts.ts';
import { hostOf } from '../worker/local-deps.ts';
import { testServices } from '../worker/test-services.ts';
import { noSuchObject } from './objects.ts';
import type { ReadAction } from './read-action.ts';
import type { Session } from './session.ts';

/** `server list|show|test`. */
export function serverCommands(group: Command, action: ReadAction): void {
  const show = async ({ root, out }: Session, only?: string): Promise<void> => {
    const { inventory } = root();
    const rows = listServers(inventory);
    if (only && !rows.some((row) => row.name === only))
      throw noSuchObject(
        'server',
        only,
        rows.map((row) => row.name),
      );
    const servers = await Promise.all(
      rows.filter((row) => !only || row.name === only).map((row) => serverShape(root(), row)),
    );
    out.document(only ? servers[0] : servers);
    out.table(
      ['SERVER', 'SERVICE', 'DRIVER', 'VERSION', 'STATE'],
      servers.flatMap((server) =>
        server.services.map(({ kind, driver, version, state }) => [server.name, kind, driver, version, state]),
      ),
    );
  };
  group
    .command('list')
    .description('List the servers and their services.')
    .addHelpText('after', '\nExample:\n  aegir server list')
    .action(action((session) => show(session)));
  group
    .command('show')
    .argument('<name>', 'the server')
    .description('Show a server and its services.')
    .addHelpText('after', '\nExample:\n  aegir server show server_master')
    .action(action((session, name) => show(session, name)));
  group
    .command('test')
    .argument('[name]', 'the server')
    .description('Test the configuration of each service; nothing is changed.')
    .addHelpText('after', '\nExample:\n  aegir server test')
    .action(action(testAll));
}

/** Prints the result of each service's test. Throws the first error, so that the exit status shows it. */
async function testAll({ root, serverName, out }: Session, name?: string): Promise<void> {
  const tests = await testServices(root(), serverName(name));
  const refused = tests.find((one) => one.refused)?.refused;
  if (refused) {
    for (const { name, refused } of tests) if (refused) out.say(`${name} refuses its configuration`);
    throw new AegirError(refused.code, refused.message, refused.hint);
  }
  out.document(tests);
  for (const { name, warnings } of tests) {
    out.say(`${name} accepts its configuration`);
    for (const warning of warnings) out.say(`  ${warning}`);
  }
}

/** A server in `server list --json`, with the current state of its services. */
export async function serverShape({ inventory, paths, program }: ReturnType<Session['root']>, row: ServerRow) {
  const context = serverContextOf(inventory, paths.root, row.name);
  const host = hostOf(inventory, paths, context);
  const services = program.services.all(context).map(async ({ service, driver, server }) => ({
    kind: service.kind,
    driver: service.driver,
    version: service.version,
    state: await driver.state(host, server),
  }));
  return { name: row.name, verifiedAt: row.verifiedAt, services: await Promise.all(services) };
}
