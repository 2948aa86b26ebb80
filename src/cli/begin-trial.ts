import { listPlatforms } from '../db/platforms.ts';
import { listSites } from '../db/sites.ts';
import type { TaskRow } from '../db/tasks.ts';
import { openTasks } from '../db/tasks.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { PhpChoice } from '../setup/choose-php.ts';
import type { TrialOptions } from '../setup/trial.ts';
import { makeTrial, startTrial, stopTrial, trialOf } from '../setup/trial.ts';
import { formatProgress } from '../state/text/format.ts';
import type { Root } from '../worker/open-root.ts';
import { chooseRoot } from '../worker/open-root.ts';
import { queueTask } from '../worker/queue.ts';
import { commandName } from './command-name.ts';
import type { Session } from './session.ts';
import { openStatusLine } from './status-line.ts';
import { waitForTask } from './wait.ts';

/** Options of `aegir try`, as commander gives them. */
export interface TryValues {
  php?: PhpChoice;
  port?: string;
  from?: string;
  name?: string;
  title?: string;
  detach?: boolean;
  stop?: boolean;
  remove?: boolean;
}

const PLATFORM = 'trial';

/** Makes the trial, or starts the existing one, and prints its address and a login link. */
export async function showTrial(session: Session, values: TryValues): Promise<void> {
  const { url, login, title } = await beginTrial(session, values);
  const { root } = session.paths();
  session.out.document({ url, login, root, title });
  for (const line of ['', `  ${title}: ${url}`, `  log in (the link works once, for one hour): ${login}`, ''])
    session.out.say(line);
  printNextSteps(session, url);
}

async function beginTrial(session: Session, values: TryValues): Promise<{ url: string; login: string; title: string }> {
  const say = (text: string): void => session.out.say(text);
  const port = values.port === undefined ? undefined : portFrom(values.port);
  await makeRoot(session, { php: values.php, port });
  const root = session.root();
  await startTrial(root, port, say);
  const uri = siteName(root, values.name);
  try {
    await makeSite(session, uri, values);
  } catch (error) {
    // There is no site to serve, so no service is left running.
    if (listSites(root.inventory).length === 0) await stopTrial(root);
    throw error;
  }
  const { result } = await runOrThrow(session, 'site.login', uri, {});
  const { server } = trialOf(root);
  const title = listSites(root.inventory).find((site) => site.uri === uri)?.title ?? uri;
  return { url: `${session.program.services.http(server).url(server, uri)}/`, login: String(result.url), title };
}

/** Makes the site unless it exists, and a platform for it if there is none. */
async function makeSite(session: Session, uri: string, { from, title = 'My site' }: TryValues): Promise<void> {
  const { inventory } = session.root();
  await finishInterrupted(session, uri);
  if (listSites(inventory).some((site) => site.uri === uri)) return;
  const platform =
    listPlatforms(inventory).find(({ state }) => state === 'ready')?.name ?? (await addPlatform(session, from));
  await runOrThrow(session, 'site.install', uri, { platform, title, adminMail: `admin@${uri}` });
}

/** Waits until the tasks of an interrupted `aegir try` are finished or undone. */
async function finishInterrupted(session: Session, uri: string): Promise<void> {
  const names = { 'platform.add': PLATFORM, 'site.install': uri };
  for (const { id, type, objectName } of openTasks(session.root().inventory)) {
    if (names[type as keyof typeof names] === objectName) await waitForTask(session, id);
  }
}

async function makeRoot(session: Session, options: TrialOptions): Promise<void> {
  const status = openStatusLine();
  const seen = !session.out.json && !session.out.quiet;
  const say = (text: string): void => {
    status.clear();
    session.out.say(text);
  };
  const progress = (done: number, total: number, unit: string): void => {
    if (seen) status.show(`fetching  ${formatProgress({ done, total, unit })}`);
  };
  const interrupted = new AbortController();
  const interrupt = (): void => {
    const hint = 'Run aegir try again to continue, or aegir try --remove to remove it.';
    interrupted.abort(new AegirError('INTERRUPTED', 'the trial is incomplete', hint));
  };
  for (const signal of ending) process.on(signal, interrupt);
  try {
    const made = await makeTrial(session.paths(), session.program, options, {
      say,
      progress,
      signal: interrupted.signal,
    });
    made.inventory.close();
  } finally {
    status.clear();
    for (const signal of ending) process.off(signal, interrupt);
  }
}

/** The signals that end this process must also end the download: npm runs in its own process group. */
const ending = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The URI of the trial's site: the named one, else the first existing one, else a new one. */
function siteName(root: Root, name: string | undefined): string {
  if (name !== undefined) return name.includes('.') ? name : `${name}.localhost`;
  return listSites(root.inventory)[0]?.uri ?? 'try.localhost';
}

/** Adds a platform from the first source that works. Throws `NO_SOURCE`, which names all sources that were tried. */
async function addPlatform(session: Session, from: string | undefined): Promise<string> {
  const sources = from === undefined ? session.program.engines.list.flatMap((engine) => engine.sources ?? []) : [from];
  const tried: string[] = [];
  let hint = 'Use a file on this machine: aegir try --from archive:/path/to/code.tar.gz';
  for (const source of sources) {
    session.out.say(`fetching ${source}`);
    const reason = await whyUnreachable(source);
    if (reason !== undefined && from === undefined) {
      tried.push(`${source}: ${reason}`);
      continue;
    }
    const task = await runTask(session, 'platform.add', PLATFORM, { from: source });
    if (task.state === 'succeeded' || task.state === 'warning') return PLATFORM;
    tried.push(`${source}: ${task.error?.message ?? task.state}`);
    // For a source that the person chose, the hint of its own error helps more.
    if (from !== undefined && task.error) ({ hint } = task.error);
  }
  throw new AegirError('NO_SOURCE', `the code could not be fetched: ${tried.join('; ')}`, hint, 'from');
}

async function runOrThrow(
  session: Session,
  type: string,
  object: string,
  args: Record<string, unknown>,
): Promise<TaskRow> {
  const task = await runTask(session, type, object, args);
  if (task.state === 'succeeded' || task.state === 'warning') return task;
  const { code, message, hint } = task.error ?? { code: 'TASK_FAILED', message: `${type} ${task.state}`, hint: '' };
  throw new AegirError(code, message, hint || `See: aegir task log ${task.id}`);
}

/** Why a source with a URL does not answer; undefined if it does, or if it has no URL. Avoids a task that fails. */
async function whyUnreachable(source: string): Promise<string | undefined> {
  const url = /^archive:(https?:.*)$/.exec(source)?.[1];
  if (url === undefined) return undefined;
  try {
    const { ok, status } = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(10_000) });
    return ok ? undefined : `it answers with status ${status}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
  }
}

const runTask = (session: Session, type: string, object: string, args: Record<string, unknown>): Promise<TaskRow> =>
  waitForTask(session, queueTask(session.queue(), { type, object, args }));

function portFrom(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new AegirError('ARGUMENT_INVALID', `"${text}" is not a port`, 'Give a number from 1 to 65535.', 'port');
}

/** The `--root` option for this trial; '' if its root is the default one. */
export function rootOf(session: Session): string {
  const { root } = session.paths();
  return root === chooseRoot(undefined).root ? '' : ` --root ${root}`;
}

/** Prints how to reach the trial from another computer, and how to stop and start it. */
function printNextSteps(session: Session, url: string): void {
  const { port } = new URL(url);
  if (process.env.SSH_CONNECTION) {
    session.out.say(
      `From your own computer: ssh -L ${port}:127.0.0.1:${port} THIS-MACHINE, then open the address there.`,
    );
  }
  const root = rootOf(session);
  session.out.say(`Later: ${commandName()} try${root} starts it again, ${commandName()} try --stop${root} stops it.`);
  if (process.getuid?.() === 0)
    session.out.say('Its PHP runs as root here: it is safer to run a trial as an ordinary user.');
}
