import { type Inventory, openInventoryForReading } from '../../db/inventory.ts';
import type { GeneratedFile } from '../../provision/model/generated-file.ts';
import { reportWorker, type WorkerReport } from '../../worker/worker-report.ts';
import { runsSystemd, WORKER_UNIT } from '../../worker/worker-unit.ts';
import type { Check, SetupContext } from '../check.ts';
import { systemPath } from '../target.ts';
import { workerUnit } from '../unit.ts';
import { foldersOf } from './folders.ts';
import { namedRoots } from './machine-root.ts';

const differs = async ({ host }: SetupContext, file: GeneratedFile): Promise<boolean> =>
  (await host.readText(file.path)) !== file.text;

function rotation({ target, server }: SetupContext): GeneratedFile {
  const { serviceLogs } = target.paths;
  const writing = ['http', 'php'].flatMap((kind) => server.services.filter((service) => service.kind === kind));
  // Not by the pid file alone: the web server's user can replace it in /run/php, and this runs as root.
  const reopen = writing.flatMap(({ settings: { pidFile, binary } }) => {
    return typeof pidFile === 'string' ? [`--pidfile ${pidFile} --exec ${binary} --user root`] : [];
  });
  const signals = reopen.map((who) => `    start-stop-daemon --stop --quiet --oknodo --signal USR1 ${who}`);
  // USR1 makes nginx and PHP-FPM reopen their logs.
  const text = `# Made by aegir setup.
${serviceLogs}/*/*.log {
  weekly
  rotate 8
  missingok
  notifempty
  compress
  delaycompress
  create 0640 root root
  sharedscripts
  postrotate
${signals.join('\n')}
  endscript
}
`;
  return { path: systemPath(target, target.family.files.logRotation), text, group: 'root', mode: 0o644 };
}

/** The logs of the sites are rotated. */
export const logRotation: Check = {
  id: 'logs',
  title: 'Rotation of logs',
  async check(context) {
    if (!(await differs(context, rotation(context)))) return undefined;
    return {
      code: 'LOGS_NOT_ROTATED',
      message: `${rotation(context).path} differs from what setup writes`,
      hint: 'aegir setup writes it.',
    };
  },
  async fix(context) {
    const { path, text, mode } = rotation(context);
    await context.host.act('file.write', { path, text, mode });
  },
};

/** The units of the services, after which the worker's own unit is ordered. */
const unitsOf = ({ services }: SetupContext['server']): string[] =>
  services.map(({ settings }) => String(settings.unit ?? '')).filter((unit) => unit !== '');

const unitFiles = ({ target, server }: SetupContext): GeneratedFile[] => [
  {
    path: systemPath(target, target.family.files.unit),
    text: workerUnit(target, unitsOf(server)),
    group: 'root',
    mode: 0o644,
  },
  {
    path: systemPath(target, target.family.files.temporary),
    text: `# Made by aegir setup: folders for sockets, gone at each boot.\n${foldersOf(
      target.paths,
      server,
      target.services,
    )
      .filter(({ path }) => path.startsWith(target.paths.run))
      .map(({ path, owner, group, mode }) => `d ${path} 0${mode.toString(8)} ${owner} ${group}\n`)
      .join('')}`,
    group: 'root',
    mode: 0o644,
  },
];

/** The queue is worked on: with systemd by the worker's unit, also after the next boot. */
export const workerService: Check = {
  id: 'worker',
  title: 'Worker',
  async check(context) {
    const { running, holder, trouble } = await workerReport(context);
    const systemd = await runsSystemd(context.host);
    const byHand = holder !== undefined && !running;
    const file = systemd ? await differingFile(context) : undefined;
    // If the unit is missing or masked, no more needs to be said.
    if (file && trouble?.code !== 'UNIT_MISSING' && trouble?.code !== 'UNIT_MASKED') {
      const message = [trouble?.message, `${file} differs from what setup writes`].filter(Boolean).join('; ');
      return { code: trouble?.code ?? 'UNIT_DIFFERS', message, hint: 'aegir setup writes it.', byHand };
    }
    if (trouble) return { ...trouble, byHand };
    if (systemd) return undefined;
    return {
      code: 'NO_SYSTEMD',
      message: 'no systemd runs here, so nothing starts the worker and the services at boot',
      hint: 'Start the services with aegir setup --yes, and keep "aegir worker" or the console running.',
      warning: true,
    };
  },
  async fix(context) {
    if (!(await runsSystemd(context.host))) return;
    // The worker of the root folder that is replaced would continue with that one.
    const others = (await namedRoots(context)).some(({ root }) => root !== context.target.paths.root);
    if (others) await context.host.act('unit.stop', { unit: WORKER_UNIT });
    for (const { path, text, mode } of unitFiles(context)) {
      // A mask is a link to /dev/null in place of the unit.
      if ((await context.host.stat(path))?.kind === 'link') await context.host.act('link.remove', { path });
      await context.host.act('file.write', { path, text, mode });
    }
    await context.host.act('unit.enable', { unit: WORKER_UNIT });
  },
};

/** As far as this user may read the inventory; another check reports if not. */
async function workerReport({ host, target: { paths } }: SetupContext): Promise<WorkerReport> {
  let inventory: Inventory | undefined;
  try {
    inventory = openInventoryForReading(paths.inventory);
  } catch {
    inventory = undefined;
  }
  try {
    return await reportWorker({ paths, inventory }, host);
  } finally {
    inventory?.close();
  }
}

async function differingFile(context: SetupContext): Promise<string | undefined> {
  for (const file of unitFiles(context)) if (await differs(context, file)) return file.path;
  return undefined;
}

/** Web server, PHP and database start at boot. */
export const servicesAtBoot: Check = {
  id: 'boot',
  title: 'Services start at boot',
  async check(context) {
    const units = await disabledUnits(context);
    if (units.length === 0) return undefined;
    return {
      code: 'SERVICE_DISABLED',
      message: `not started at boot: ${units.join(', ')}`,
      hint: `systemctl enable ${units.join(' ')}`,
    };
  },
  async fix(context) {
    for (const unit of await disabledUnits(context)) await context.host.act('unit.enable', { unit });
  },
};

/** The services' units that systemd knows but does not start at boot. */
async function disabledUnits(context: SetupContext): Promise<string[]> {
  if (!(await runsSystemd(context.host))) return [];
  const disabled: string[] = [];
  for (const { settings } of context.server.services) {
    const unit = String(settings.unit ?? '');
    if (unit === '') continue;
    const asked = await context.host.ask({ file: 'systemctl', args: ['is-enabled', unit], timeoutMs: 10_000 });
    if (asked.stdout.trim() === 'disabled') disabled.push(unit);
  }
  return disabled;
}
