import { join } from 'node:path';
import type { Command } from 'commander';
import { findSite } from '../db/sites.ts';
import type { Reads } from '../provision/host/host.ts';
import { readsHere } from '../provision/host/local/reads.ts';
import { AegirError } from '../provision/model/errors.ts';
import { siteLogFolder } from '../provision/model/paths.ts';
import { openFileSource } from '../state/log/file.ts';
import { whenRead } from '../state/log/not-yet.ts';
import { listSiteLogs } from '../state/log/site-logs.ts';
import { watchFile } from '../state/log/watch.ts';
import type { LogSource } from '../state/model/log-source.ts';
import { onlyHost } from '../worker/local-deps.ts';
import type { Action } from './action.ts';
import { endSignal } from './end-signal.ts';
import { knownSite } from './names.ts';
import type { Session } from './session.ts';

/** The shortest pause between two looks for new lines. */
const GAP_MS = 100;

/** `site log`: the logs of web server and PHP for a site; `--follow` keeps printing until ctrl-c. */
export function logCommand(group: Command, action: Action): void {
  group
    .command('log')
    .argument('<uri>', 'the site')
    .argument('[file]', 'which log: error, access, ... (default: error)')
    .description('Print the newest lines of a log of the site; --follow keeps printing new ones.')
    .option('--lines <number>', 'how many lines', '50')
    .addHelpText('after', '\nExample:\n  aegir site log shop.example.org access --follow')
    .action(action((session, [uri = '', file], { lines }) => printLog(session, uri, file, Number(lines))));
}

async function printLog(session: Session, typed: string, named: string | undefined, count: number): Promise<number> {
  const { out, options } = session;
  if (!Number.isInteger(count) || count < 0) {
    throw new AegirError('USAGE', `--lines ${count} is not a number of lines`, 'Give a whole number from 0.', 'lines');
  }
  const machine = onlyHost(session.root()) ?? readsHere;
  const file = await logFile(session, machine, knownSite(session, typed), named);
  const source = openFileSource(machine, file);
  if (!(await source.refresh()))
    throw new AegirError('LOG_UNREADABLE', source.problem(), 'aegir site show names the folder.');
  // The newest lines are found first, piece by piece, until there are enough.
  while ((await whenRead(() => source.work())) && source.end() - source.first() < count);
  const from = Math.max(source.first(), source.end() - count);
  if (!options.follow) out.document(await whenRead(() => linesOf(source, from)));
  const print = printer(session, source, from);
  const ended = options.follow ? endSignal() : undefined;
  if (!out.json || options.follow) await print();
  if (ended) await follow(file, source, print, ended);
  source.close();
  return 0;
}

/** The path of a log, by its name with or without `.log`. Throws `NO_SUCH_LOG`, whose hint names the logs. */
async function logFile(session: Session, machine: Reads, uri: string, named: string | undefined): Promise<string> {
  const { inventory, paths } = session.root();
  const site = findSite(inventory, uri);
  const logs = site ? await listSiteLogs(machine, paths, site) : [];
  const names = logs.map(({ file }) => file);
  const found = named === undefined ? names[0] : names.find((name) => name === named || name === `${named}.log`);
  if (site && found) return join(siteLogFolder(paths, site.handle), found);
  const hint =
    names.length > 0 ? `Its logs: ${names.join(', ')}.` : 'No log was written yet, or only root may read them.';
  throw new AegirError('NO_SUCH_LOG', `${uri} has no log${named === undefined ? '' : ` "${named}"`}`, hint);
}

const linesOf = (source: LogSource, from: number) =>
  source.raw(from, source.end()).map((raw) => source.format.parse(raw));

/** Prints the lines since the last call; without --json as they are in the file, but without terminal controls. */
function printer({ out }: Session, source: LogSource, from: number): () => Promise<void> {
  let next = from;
  return async () => {
    const end = source.end();
    const raw = await whenRead(() => source.raw(Math.max(next, source.first()), end));
    next = end;
    const { format } = source;
    const lines = raw.map((line) => (out.json ? JSON.stringify(format.parse(line)) : format.saved(line)));
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  };
}

async function follow(file: string, source: LogSource, print: () => Promise<void>, ended: Promise<unknown>) {
  let printing = Promise.resolve();
  const printNew = async (): Promise<void> => {
    if (!(await source.refresh())) return;
    // New lines are found before older ones.
    for (let end = -Infinity; source.end() > end; await whenRead(() => source.work())) end = source.end();
    await print();
  };
  // One call after the other, since each continues where the last one ended.
  const changed = (): void => {
    printing = printing.then(printNew);
  };
  const watching = watchFile(file, { gap: () => GAP_MS, changed });
  await ended;
  watching.stop();
}
