import { findServer, listServers } from '../db/servers.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import type { Program } from '../provision/program.ts';
import { currentActor } from '../worker/actor.ts';
import { chooseRoot, openRoot, type Root, rootExists } from '../worker/open-root.ts';
import type { Queue } from '../worker/queue-access.ts';
import type { Output } from './output.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  root?: string;
  json: boolean;
  follow: boolean;
  dryRun: boolean;
  yes: boolean;
  confirm?: string;
  quiet: boolean;
  color: boolean;
  readOnly: boolean;
  wait: boolean;
}

/** What a command needs to run. */
export interface Session {
  options: GlobalOptions;
  program: Program;
  out: Output;
  paths(): RootPaths;
  /** The root, opened at the first call. Throws `NO_SERVER` if it is not set up. */
  root(): Root;
  queue(): Queue;
  /** The given server name, checked; without one, the name of the only server. */
  serverName(named?: string): string;
  close(): void;
}

/** Makes a session, which opens the root only when a command needs it. */
export function makeSession(options: GlobalOptions, out: Output, program: Program): Session {
  let opened: Root | undefined;
  const paths = (): RootPaths => chooseRoot(options.root);
  const root = (): Root => {
    if (opened) return opened;
    const found = paths();
    if (!rootExists(found)) {
      throw new AegirError('NO_SERVER', `${found.root} is not set up`, 'Run: aegir setup');
    }
    opened = openRoot(found, program);
    return opened;
  };
  return {
    options,
    program,
    out,
    paths,
    root,
    queue: () => ({ ...root(), actor: currentActor(), readOnly: options.readOnly }),
    serverName(named) {
      const name = named ?? listServers(root().inventory)[0]?.name;
      if (name === undefined)
        throw new AegirError('NO_SERVER', 'this machine is not set up as a server', 'Run: aegir setup');
      if (!findServer(root().inventory, name)) {
        throw new AegirError('NO_SUCH_OBJECT', `there is no server ${name}`, 'aegir server list shows what there is.');
      }
      return name;
    },
    close: () => opened?.inventory.close(),
  };
}
