import { hostname } from 'node:os';
import { listPlatforms } from '../db/platforms.ts';
import { listServers } from '../db/servers.ts';
import { listSites } from '../db/sites.ts';
import { listTasks, openTasks } from '../db/tasks.ts';
import { buildOnDisk } from '../provision/host/local/build.ts';
import { readMarking } from '../worker/marking.ts';
import { rootExists } from '../worker/open-root.ts';
import { holderText } from '../worker/worker-holder.ts';
import { reportWorker, type WorkerReport } from '../worker/worker-report.ts';
import { serverShape } from './servers.ts';
import type { Session } from './session.ts';
import { taskShape, troubleShape } from './shapes.ts';

const DAY_MS = 24 * 3600 * 1000;
/** How many characters of a reason are shown; `aegir task show` shows all of it. */
const WHY = 160;

/** An overview of services, sites, queue, and the failures of the last day. Short enough for a login message. */
export async function showStatus(session: Session): Promise<number> {
  const { out } = session;
  const paths = session.paths();
  if (!rootExists(paths)) {
    out.document({ host: hostname(), root: paths.root, setUp: false });
    out.say(`${hostname()} is not set up as a server. Run: aegir setup`);
    return 0;
  }
  const root = session.root();
  const servers = await Promise.all(listServers(root.inventory).map((row) => serverShape(root, row)));
  const sites = listSites(root.inventory);
  const open = openTasks(root.inventory);
  const since = new Date(Date.now() - DAY_MS).toISOString();
  const recent = listTasks(root.inventory, { limit: 500 }).filter((task) => (task.endedAt ?? '') > since);
  const failed = recent.filter((task) => task.state === 'failed' || task.unfinished !== null);
  const count = (state: string): number => sites.filter((site) => site.state === state).length;
  const worker = await reportWorker(root);
  const { label } = readMarking(paths);
  out.document({
    host: hostname(),
    label,
    root: paths.root,
    setUp: true,
    worker: worker.running,
    workerState: workerShape(worker),
    servers,
    platforms: listPlatforms(root.inventory).length,
    sites: { all: sites.length, enabled: count('enabled'), disabled: count('disabled'), failed: count('failed') },
    queue: {
      queued: open.filter((task) => task.state === 'queued').length,
      running: open.filter((task) => task.state === 'running').length,
    },
    lastDay: { ended: recent.length, failed: failed.map(taskShape) },
  });
  if (out.json) return 0;
  out.say(
    `${label === '' ? '' : `${label}  `}${hostname()}  ${servers.flatMap((server) => server.services.map(({ driver, version, state }) => `${driver} ${version} ${state}`)).join('  ')}`,
  );
  const damaged = count('failed');
  out.say(
    `sites ${sites.length}${damaged ? `, ${damaged} damaged` : ''}  platforms ${listPlatforms(root.inventory).length}  queue ${open.length}`,
  );
  out.say(`worker: ${workerText(worker)}`);
  out.say(`last day: ${recent.length} tasks ended, ${failed.length} need attention`);
  for (const task of failed.slice(0, 10)) {
    const why = task.unfinished ?? task.error?.message ?? task.state;
    out.say(`  ${task.id} ${task.type} ${task.objectName}: ${why.length > WHY ? `${why.slice(0, WHY)}…` : why}`);
  }
  return 0;
}

/** Which process is the worker, or what is wrong and what to do. */
function workerText({ running, holder, trouble }: WorkerReport): string {
  if (trouble) return `${trouble.message}. ${trouble.hint}`;
  if (!running || !holder) return 'none runs, and no task waits';
  const old = holder.outdated && `; it runs ${holder.outdated}, but ${buildOnDisk()} is installed`;
  return `${holderText(holder)}${old ?? ''}`;
}

/** The worker in `status --json`. */
const workerShape = ({ running, holder, unit, waiting, trouble }: WorkerReport) => ({
  running,
  process: holder
    ? { pid: holder.pid ?? null, command: holder.command, ours: holder.ours, outdated: holder.outdated ?? null }
    : null,
  unit: unit ? { load: unit.load, active: unit.active, enabled: unit.enabled } : null,
  waiting: { queued: waiting.queued, interrupted: waiting.interrupted, since: waiting.since ?? null },
  trouble: trouble ? troubleShape(trouble) : null,
});
