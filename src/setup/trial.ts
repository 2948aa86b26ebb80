import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findServer, listServers, type ServerRow, saveServer } from '../db/servers.ts';
import { listSites } from '../db/sites.ts';
import { writeFiles } from '../provision/host/change-files.ts';
import type { Host } from '../provision/host/host.ts';
import type { ServerContext, ServiceContext } from '../provision/model/context.ts';
import { AegirError, describeError } from '../provision/model/errors.ts';
import { type RootPaths, SERVER_ROOT } from '../provision/model/paths.ts';
import type { Program } from '../provision/program.ts';
import { currentActor } from '../worker/actor.ts';
import { refusalOf } from '../worker/availability.ts';
import { serverContextOf } from '../worker/contexts.ts';
import { hostOf } from '../worker/local-deps.ts';
import { openRoot, openRootFiles, type Root, type RootFiles, rootExists } from '../worker/open-root.ts';
import { queueTask } from '../worker/queue.ts';
import { reportWorker } from '../worker/worker-report.ts';
import type { Finding, Wrong } from './check.ts';
import { foldersOf } from './checks/folders.ts';
import { MASTER } from './checks/inventory.ts';
import { outdatedPrograms, PROGRAM } from './checks/program.ts';
import { lateTrouble, WORKER_LOG } from './checks/worker-log.ts';
import { choosePhp, type PhpChoice, type Tell } from './choose-php.ts';

/** The first port to try; the next free one is used. */
const PORT = 8088;
/**
 * The limit of a Unix socket's path (unix(7); the lower one of Linux and macOS), minus the longest name in a root
 * folder.
 */
const MAX_ROOT = 104 - '/run/php/aeg19999.sock'.length;

/** Space for a site and its caches. */
const NEEDED_BYTES = 300 * 1024 * 1024;
/** The same with PHP, and a CMS's code, both packed and unpacked. */
const TRIAL_BYTES = 600 * 1000 * 1000;

/** Options for a new trial. */
export interface TrialOptions {
  php?: PhpChoice | undefined;
  port?: number | undefined;
}

/** True for a root folder with embedded services: it is a trial, not a server. */
export const isTrial = (root: RootFiles): boolean =>
  listServers(root.inventory).some((server) => server.services.some((service) => service.driver === 'node'));

/**
 * True for a trial, and for an incomplete one whose creation was interrupted: it has no server row yet. Both can be
 * started again and removed.
 */
export const beganAsTrial = (root: RootFiles): boolean =>
  isTrial(root) || (root.paths.root !== SERVER_ROOT && listServers(root.inventory).length === 0);

const silent: Tell = { say() {}, progress() {} };

/**
 * Creates a root folder with embedded services: changes nothing outside of it, and does not need root. Throws
 * `ROOT_IS_SERVER`, `ROOT_TOO_LONG`, `DISK_FULL`, `PHP_UNFIT`, `PORT_TAKEN`, `DOWNLOAD_FAILED`.
 */
export async function makeTrial(
  paths: RootPaths,
  program: Program,
  options: TrialOptions,
  tell: Tell = silent,
): Promise<Root> {
  refuseServer(paths);
  const root = openRoot(paths, program);
  try {
    // Files written by PHP are world-readable, so the root folder itself is closed to others.
    chmodSync(paths.root, 0o700);
    const made = findServer(root.inventory, MASTER);
    if (made) return keepingPhp(root, made, options.php);
    const bare = serverOf(paths, []);
    const host = hostOf(root.inventory, paths, bare);
    for (const folder of foldersOf(paths, bare, program.services))
      await host.act('folder.make', { ...folder, mode: folder.mode & 0o700 });
    await refuseFullDisk(host, paths);
    const server = serverOf(paths, await servicesOf(host, paths, options, tell));
    for (const folder of program.services.folders(server)) await host.act('folder.make', { owner: 'root', ...folder });
    await writeFiles(host, program.services.serverFiles(server));
    saveServer(root.inventory, server);
    return root;
  } catch (error) {
    root.inventory.close();
    throw error;
  }
}

/** Checked before any download: not every program stops by itself on a full disk. Throws `DISK_FULL`. */
async function refuseFullDisk(host: Host, { root }: RootPaths): Promise<void> {
  const { bytes } = await host.space(root);
  if (bytes >= TRIAL_BYTES) return;
  const message = `the disk of ${root} has ${Math.round(bytes / 1e6)} MB free, a trial needs 600 MB`;
  throw new AegirError('DISK_FULL', message, 'Make room, or choose another folder: --root DIR', 'root');
}

/** A trial keeps the PHP with which it was created. Throws `PHP_CHOSEN`. */
function keepingPhp(root: Root, { services }: ServerRow, wanted: PhpChoice | undefined): Root {
  const driver = services.find(({ kind }) => kind === 'php')?.driver;
  if (wanted === undefined || wanted === driver) return root;
  const hint = `Create another trial instead: aegir --root DIR try --php ${wanted}`;
  throw new AegirError('PHP_CHOSEN', `the trial in ${root.paths.root} was created with PHP ${driver}`, hint, 'php');
}

/**
 * Starts the services of a trial. `port` moves it to another port; if the present one is taken, the next free one is
 * used. A moved trial's sites are queued for a verify, which updates their addresses.
 */
export async function startTrial(root: Root, port: number | undefined, say: (text: string) => void): Promise<void> {
  const { server, host } = trialOf(root);
  if (port === undefined && (await isRunning(root.program, host, server))) return;
  const chosen = await choosePort(port ?? portOf(server), port !== undefined);
  const before = portOf(server);
  await moveTo(root, chosen);
  for (const { driver, server } of root.program.services.all(trialOf(root).server))
    await driver.control(host, server, 'start');
  if (chosen === before) return;
  say(`${port === undefined ? `port ${before} is taken: ` : ''}this trial now answers on ${chosen}`);
  verifyAll(root);
}

function verifyAll(root: Root): void {
  const queue = { ...root, actor: currentActor(), readOnly: false };
  for (const { uri } of listSites(root.inventory)) {
    if (refusalOf(root, 'site.verify', 'site', uri) === undefined)
      queueTask(queue, { type: 'site.verify', object: uri, args: {} });
  }
}

/** Stops the services of a trial; an incomplete one has none. */
export async function stopTrial(root: Root): Promise<void> {
  if (!isTrial(root)) return;
  const { server, host } = trialOf(root);
  for (const placed of root.program.services.all(server)) await placed.driver.control(host, placed.server, 'stop');
}

/** Doctor's findings for a trial: each service and the free space. */
export async function checkTrial(root: Root): Promise<Finding[]> {
  const { server, host } = trialOf(root);
  const findings: Finding[] = [];
  const add = (id: string, title: string, wrong?: Wrong): void => {
    const { code, message, hint, warning } = wrong ?? { code: '', message: '', hint: '' };
    const state = warning ? 'warning' : wrong ? 'wrong' : 'ok';
    findings.push({ id, title, state, code, message, hint, fixable: false, stops: false });
  };
  for (const { service, driver } of root.program.services.all(server)) {
    const state = await driver.state(host, server);
    const title = `${service.kind}: ${service.driver} ${service.version}`;
    if (state !== 'running') {
      add(service.kind, title, { code: 'SERVICE_DOWN', message: `it is ${state}`, hint: 'aegir try starts it.' });
      continue;
    }
    const refused = await driver.test(host, server).then(() => undefined, describeError);
    add(service.kind, title, refused && { code: refused.code, message: refused.message, hint: refused.hint });
  }
  const { bytes } = await host.space(root.paths.root);
  const little = bytes < NEEDED_BYTES;
  const message = `${Math.round(bytes / 1e6)} MB are free`;
  add('room', 'Room on the disk', little ? { code: 'DISK_FULL', message, hint: 'Make room.' } : undefined);
  add('worker', 'Worker', (await reportWorker(root, host)).trouble);
  add('worker-log', WORKER_LOG, lateTrouble(root.paths));
  add('program', PROGRAM, outdatedPrograms());
  return findings;
}

/** Removes a trial completely. Its services must be stopped. */
export function removeTrial({ paths, inventory }: Root): void {
  inventory.close();
  rmSync(paths.root, { recursive: true, force: true });
}

/** The only server of a trial, with its host. */
export function trialOf({ inventory, paths }: Root): { server: ServerContext; host: Host } {
  const server = serverContextOf(inventory, paths.root, MASTER);
  return { server, host: hostOf(inventory, paths, server) };
}

const serverOf = (paths: RootPaths, services: ServiceContext[]): ServerContext => ({
  name: MASTER,
  root: paths.root,
  handlePrefix: 'aeg',
  uidBase: 0,
  webUser: 'root',
  services,
});

async function servicesOf(
  host: Host,
  paths: RootPaths,
  { php, port }: TrialOptions,
  tell: Tell,
): Promise<ServiceContext[]> {
  const chosen = await choosePort(port ?? PORT, port !== undefined);
  return [
    { kind: 'http', driver: 'node', version: process.versions.node, settings: { address: '127.0.0.1', port: chosen } },
    await choosePhp(host, paths, php, tell),
    { kind: 'db', driver: 'sqlite', version: '3', settings: {} },
  ];
}

/** A free port: the requested one, or the next. Throws `PORT_TAKEN`. */
async function choosePort(first: number, only: boolean): Promise<number> {
  for (let port = first; port < first + (only ? 1 : 50); port += 1) {
    if (await isFree(port)) return port;
  }
  throw new AegirError('PORT_TAKEN', `port ${first} is taken`, 'Choose another port: --port 8090', 'port');
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Stores the port, and the program's own paths, which change with it. */
async function moveTo(root: Root, port: number): Promise<void> {
  const { server, host } = trialOf(root);
  const services = server.services.map((service) =>
    service.kind === 'http' ? { ...service, settings: { ...service.settings, port } } : service,
  );
  saveServer(root.inventory, { ...server, services });
  await writeFiles(host, root.program.services.serverFiles({ ...server, services }));
}

const portOf = (server: ServerContext): number =>
  Number(server.services.find((service) => service.kind === 'http')?.settings.port);

async function isRunning({ services }: Program, host: Host, server: ServerContext): Promise<boolean> {
  const states = await Promise.all(server.services.map((service) => services.of(service).state(host, server)));
  return states.every((state) => state === 'running');
}

function refuseServer(paths: RootPaths): void {
  if (paths.root === SERVER_ROOT || (rootExists(paths) && !isTrialRoot(paths))) {
    const hint = 'A trial needs its own root folder: aegir --root /some/folder try';
    throw new AegirError('ROOT_IS_SERVER', `${paths.root} is the root folder of a server`, hint, 'root');
  }
  if (Buffer.byteLength(join(paths.root)) > MAX_ROOT) {
    const message = `${paths.root} is too long for the sockets in it`;
    throw new AegirError('ROOT_TOO_LONG', message, `Choose a folder of at most ${MAX_ROOT} characters: --root`, 'root');
  }
}

function isTrialRoot(paths: RootPaths): boolean {
  const root = openRootFiles(paths);
  try {
    return beganAsTrial(root);
  } finally {
    root.inventory.close();
  }
}
