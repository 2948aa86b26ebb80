import { dirname } from 'node:path';
import type { Engine } from '../../engines/engine.ts';
import { platformDocroot, type SiteContext, serviceName, sitePaths } from '../../model/context.ts';
import { describeError } from '../../model/errors.ts';
import type { Problem } from '../../model/work-io.ts';
import { inUse } from '../../services/services.ts';
import { checkNames } from '../checks/names.ts';
import { phpNeeded, supports } from '../checks/php.ts';
import { checkSpace } from '../checks/space.ts';
import type { StepIo } from '../model/task.ts';

/** Reports everything that prevents a new site, or the recreation of a lost one. Changes nothing. */
export async function checkNewSite(
  site: SiteContext,
  io: StepIo,
  problem: Problem,
  { again = false, movesIn = false }: { again?: boolean; movesIn?: boolean } = {},
): Promise<void> {
  await checkServices(site, io, problem);
  await checkNames(site, [site.uri, ...site.aliases], io, problem, { field: 'uri', movesIn });
  await checkPlatform(site, io, problem);
  await checkNothingThere(site, io, problem, again);
  await checkSpace(io, dirname(sitePaths(site).home), 'a site', problem);
}

/** Reports services of a site's server that are not running, since they can be neither tested nor reloaded. */
export async function checkServices(site: SiteContext, io: StepIo, problem: Problem): Promise<void> {
  for (const { service, driver, server } of inUse(io.services.all(site.server), site.server)) {
    const state = await driver.state(io.host, server);
    if (state === 'running') continue;
    problem(
      'SERVICE_DOWN',
      `${serviceName(service)} is ${state === 'absent' ? 'not installed' : 'stopped'}`,
      'aegir server verify starts what is stopped; aegir doctor shows what else is wrong.',
    );
  }
}

async function checkPlatform(site: SiteContext, io: StepIo, problem: Problem): Promise<void> {
  const { platform } = site;
  if ((await io.host.stat(platformDocroot(platform)))?.kind !== 'folder') {
    problem(
      'PLATFORM_MISSING',
      `${platformDocroot(platform)} does not exist`,
      `aegir platform verify ${platform.name}`,
    );
    return;
  }
  const names = platform.profiles.map((profile) => profile.name);
  if (!names.includes(site.profile)) {
    problem(
      'PROFILE_UNKNOWN',
      `platform ${platform.name} offers no profile ${site.profile}`,
      `It offers: ${names.join(', ')}.`,
      'profile',
    );
  }
  const engine = io.engines.named(platform.engine);
  await checkPhp(site, engine, io, problem);
  if (!engine.needs.databases[io.services.db(site.server).access(site).driver]) {
    problem(
      'DATABASE_UNFIT',
      `${engine.title} cannot use ${io.services.db(site.server).name}`,
      `It can use: ${Object.keys(engine.needs.databases).join(', ')}.`,
    );
  }
}

/** Checks the engine's requirements of PHP; if PHP's extensions are unknown, the installer will find out. */
async function checkPhp(site: SiteContext, engine: Engine, io: StepIo, problem: Problem): Promise<void> {
  const [file = '', ...before] = io.services.php(site.server).commandLine(site.server);
  const code = 'echo PHP_VERSION, " ", strtolower(implode(",", get_loaded_extensions()));';
  const asked = await io.host.ask({ file, args: [...before, '-r', code], input: '', timeoutMs: 30_000 });
  const [, version = '', names = ''] = /^(\d+\.\d+)\S* (\S.*)$/m.exec(asked.stdout) ?? [];
  if (asked.code !== 0 || version === '') return;
  const { extensions, databases } = engine.needs;
  const needed = [...extensions, ...(databases[io.services.db(site.server).access(site).driver] ?? [])];
  const lacks = needed.filter((name) => !names.split(',').includes(name));
  if (lacks.length > 0) {
    const message = `PHP ${version} (${io.services.php(site.server).name}) lacks ${lacks.join(', ')}`;
    problem('PHP_UNFIT', `${message}, which ${engine.title} needs`, io.services.php(site.server).extensionsHint);
  }
  if (!supports(engine, version)) problem('PHP_UNFIT', `this is PHP ${version}`, phpNeeded(engine));
}

const NEXT = 'Try again: the next site gets the next handle.';

/**
 * A handle is never reused, so anything with its name belongs to somebody else; only the user of a lost site may exist.
 */
async function checkNothingThere(site: SiteContext, io: StepIo, problem: Problem, again: boolean): Promise<void> {
  const { handle, uid } = site;
  const hint = again ? `It is not lost: aegir site verify ${site.uri} shows what is wrong with it.` : NEXT;
  const own = again && (await io.host.account(handle))?.uid === uid;
  if (io.host.siteUsers && !own) await checkUserFree(handle, uid, io, problem);
  if (await io.host.stat(sitePaths(site).home))
    problem('FOLDER_EXISTS', `${sitePaths(site).home} exists already`, hint);
  // A database that is not running has been reported already.
  if ((await io.services.db(site.server).state(io.host, site.server)) !== 'running') return;
  try {
    for (const name of await io.services.db(site.server).present(io.host, site)) {
      if (again && !name.startsWith('database ')) continue;
      problem('DATABASE_TAKEN', `${name} exists already`, again ? 'Save its content, then drop it.' : NEXT);
    }
  } catch (error) {
    const { code, message, hint: remedy } = describeError(error);
    problem(code, message, remedy);
  }
}

async function checkUserFree(handle: string, uid: number, io: StepIo, problem: Problem): Promise<void> {
  if (await io.host.account(handle)) problem('USER_TAKEN', `user ${handle} exists already`, NEXT);
  const owner = await io.host.accountOfUid(uid);
  if (owner !== undefined && owner !== handle) problem('USER_TAKEN', `user id ${uid} belongs to ${owner}`, NEXT);
}
