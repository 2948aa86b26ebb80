import { join } from 'node:path';
import type { Host } from '../provision/host/host.ts';
import { localHost } from '../provision/host/makers/local.ts';
import { type PlannedAct, planHost } from '../provision/host/makers/plan.ts';
import type { ServerContext, ServiceContext } from '../provision/model/context.ts';
import { describeError } from '../provision/model/errors.ts';
import { sameService } from '../provision/services/services.ts';
import { type Check, type Finding, findingOf, type SetupContext } from './check.ts';
import { commandLink, shellHelp, shellHelpFiles } from './checks/command.ts';
import { folders } from './checks/folders.ts';
import { inventoryRecorded, inventorySaved, MASTER, recordedServer } from './checks/inventory.ts';
import { logRotation, servicesAtBoot, workerService } from './checks/machine.ts';
import { machineRoot } from './checks/machine-root.ts';
import { portFree } from './checks/port.ts';
import { privateFiles } from './checks/private-files.ts';
import { programCurrent } from './checks/program.ts';
import {
  databaseRoot,
  defaultPool,
  defaultSite,
  serviceConfig,
  servicesReadConfig,
  servicesRun,
} from './checks/services.ts';
import { machineName, packages, room, runsAsRoot, supportedSystem, userIds } from './checks/system.ts';
import { workerWell } from './checks/worker-log.ts';
import { plannedServices, withPackagedFiles } from './planned-services.ts';
import { openSetupLog, type SetupLog, type Telling } from './setup-log.ts';
import { knownPhpBranches, type SetupTarget, systemPath } from './target.ts';

/** Every property of a machine that is a server, in the order in which they can be established. */
const checks: readonly Check[] = [
  supportedSystem,
  runsAsRoot,
  machineRoot,
  room,
  machineName,
  // Before the packages: a web server that cannot start should not be installed.
  portFree,
  packages,
  folders,
  privateFiles,
  userIds,
  defaultSite,
  defaultPool,
  serviceConfig,
  logRotation,
  commandLink,
  shellHelp,
  servicesRun,
  servicesAtBoot,
  servicesReadConfig,
  databaseRoot,
  inventoryRecorded,
  inventorySaved,
  workerService,
  workerWell,
  programCurrent,
];

/** An act that setup would perform, with the id of the check that needs it. */
export type SetupAct = PlannedAct & { check: string };

/**
 * Plans setup: every finding, and the acts that would fix the problems. Changes nothing. If packages are missing, the
 * rest is planned as if their services and default files were installed.
 */
export async function planSetup(
  target: SetupTarget,
  real = targetHost(target),
): Promise<{ findings: Finding[]; acts: SetupAct[] }> {
  const planned: ServiceContext[] = [];
  const host = planHost(withPackagedFiles(target, real, planned));
  const findings: Finding[] = [];
  const acts: SetupAct[] = [];
  // A plan changes nothing: what is installed is asked once.
  const found = await contextOf(target, host);
  for (const check of checks) {
    const server = { ...found.server, services: [...found.server.services, ...planned] };
    const context = { ...found, server };
    const finding = await findingOf(check, context);
    findings.push(finding);
    if (finding.state !== 'wrong') continue;
    if (finding.stops) break;
    if (finding.fixable) await check.fix?.(context);
    acts.push(
      ...host
        .planned()
        .slice(acts.length)
        .map((act) => ({ ...act, check: check.id })),
    );
    if (check === packages) planned.push(...(await plannedServices(target, real, context.server.services)));
  }
  return { findings, acts };
}

/**
 * Makes this machine a server; output of commands goes into setup's log, and is shown if they fail. Returns the
 * findings afterwards. A second run changes nothing.
 */
export async function runSetup(target: SetupTarget, tell: Telling): Promise<Finding[]> {
  const log = openSetupLog(target.paths, tell);
  const say = (text: string): void => {
    log.write(text);
    tell.say(text);
  };
  const host = telling(targetHost(target), log, say);
  const findings: Finding[] = [];
  /** Asked anew after each change. */
  let known: SetupContext | undefined;
  for (const check of checks) {
    known ??= await contextOf(target, host);
    const context = known;
    const finding = await findingOf(check, context);
    if (finding.state !== 'wrong' || !check.fix || !finding.fixable) {
      findings.push(finding);
      if (finding.state === 'wrong' && finding.stops) break;
      continue;
    }
    say(`${finding.title}: ${finding.message}`);
    known = undefined;
    try {
      await check.fix(context);
      known = await contextOf(target, host);
      findings.push(await findingOf(check, known));
    } catch (error) {
      const { code, message, hint } = describeError(error);
      findings.push({ ...finding, code, message, hint, fixable: false });
      for (const line of log.lastOutput()) tell.say(line);
      log.write(`${finding.title}: ${code} ${message}`);
      log.forget();
    }
  }
  return findings;
}

/** Runs every check; changes nothing. */
export async function doctor(target: SetupTarget): Promise<Finding[]> {
  const host = targetHost(target);
  const context = await contextOf(target, host);
  const findings: Finding[] = [];
  for (const check of checks) {
    try {
      findings.push(await findingOf(check, context));
    } catch (error) {
      // A check that needs root reports that.
      const { code, message, hint } = describeError(error);
      findings.push({
        id: check.id,
        title: check.title,
        state: 'wrong',
        message,
        hint,
        fixable: false,
        stops: false,
        code,
      });
    }
  }
  return findings;
}

/** This machine, limited to what setup may change: the program's own folders, and a fixed list of system files. */
export function targetHost(target: SetupTarget): Host {
  const { files, webUser } = target.family;
  const pools = knownPhpBranches.map((branch) => files.phpPools(branch));
  const system = [
    files.httpInclude,
    files.httpDefault,
    files.logRotation,
    files.unit,
    files.temporary,
    files.command,
    ...pools.flatMap((pool) => ['aegir.conf', 'www.conf', 'www.conf.disabled'].map((name) => join(pool, name))),
  ].map((path) => systemPath(target, path));
  return localHost({
    paths: target.paths,
    handlePrefix: target.handlePrefix,
    uidBase: target.uidBase,
    webUser,
    mark: '',
    systemFiles: [...system, target.program, ...shellHelpFiles(target)],
    platformFolders: [],
  });
}

/** The server as found now; facts in the inventory about its services take precedence. */
async function contextOf(target: SetupTarget, host: Host): Promise<SetupContext> {
  const known = recordedServer(target);
  const found = (await Promise.all(target.services.drivers.map((driver) => driver.detect(host)))).flat();
  const services = found.map((service) => {
    const recorded = known?.services.find((one) => sameService(one, service));
    // Ports and paths that somebody changed in the inventory are kept.
    return recorded ? { ...service, settings: { ...service.settings, ...recorded.settings } } : service;
  });
  const { handlePrefix, uidBase } = target;
  const server = {
    name: MASTER,
    root: target.paths.root,
    handlePrefix,
    uidBase,
    webUser: target.family.webUser,
    services,
  };
  return { target, host, server: server as ServerContext };
}

/** A host that announces each act before it is performed, and logs its output. */
const telling = (host: Host, log: SetupLog, say: (text: string) => void): Host => ({
  ...host,
  async act(verb, args, live) {
    const quiet = verb === 'db.list';
    const plan = planHost(host);
    if (!quiet) await plan.act(verb, args);
    for (const act of plan.planned()) say(`  ${act.text}`);
    const result = await host.act(verb, args, { onLine: (_stream, line) => log.heard(line), ...live });
    log.forget();
    return result;
  },
});
