import { z } from 'zod';
import { hasNoAnswer, runProgram } from '../../engines/program.ts';
import { packageInfo, type SiteContext } from '../../model/context.ts';
import type { Json } from '../../model/errors.ts';
import { resultPart } from '../model/saved.ts';
import type { Step, StepIo, TaskContexts } from '../model/task.ts';

/** Updates the database of a site to the version of its code; does nothing if it is up to date. */
export async function updateContent(site: SiteContext, io: StepIo): Promise<void> {
  const engine = io.engines.named(site.platform.engine);
  const { aegir: _form, ok: _ok, ...answer } = await runProgram(io.host, site, engine.name, engine.update(site), io);
  io.report({ update: answer });
  io.log('info', `${engine.title}: ${JSON.stringify(answer)}`);
}

/** The CMS's facts about a site: version, title, address, and the packages that it uses. Throws `PROGRAM_FAILED`. */
export async function askHowItIs(site: SiteContext, io: StepIo): Promise<Record<string, Json>> {
  const { name, verify } = io.engines.named(site.platform.engine);
  return runProgram(io.host, site, name, verify(site, io.services.served(site)), io);
}

/** Boots the CMS; the result contains its `packages`. Throws `PROGRAM_FAILED`. */
export async function bootCms(site: SiteContext, io: StepIo): Promise<void> {
  packagesUsed.report(io, packagesIn(await askHowItIs(site, io)) ?? null);
}

/** Step for `bootCms`. */
export const askCms: Step<TaskContexts['site']> = {
  name: 'boot',
  title: 'Ask the CMS for its state',
  run: ({ site }, io) => bootCms(site, io),
};

/** The same, but a CMS that does not run is only a warning. */
export async function tryToBoot(site: SiteContext, io: StepIo): Promise<void> {
  try {
    await bootCms(site, io);
  } catch (error) {
    if (!hasNoAnswer(error)) throw error;
    packagesUsed.report(io, null);
    io.log('warning', `the CMS did not report the packages that it uses: ${error.message}`);
  }
}

/** The packages from an answer or from `bootCms`, for the commit; undefined if unknown. */
export const packagesIn = (result: Readonly<Record<string, Json>>) =>
  z.array(packageInfo).safeParse(result.packages).data;

/** The packages that a site uses; null if its CMS does not run. */
export const packagesUsed = resultPart('packages', z.array(packageInfo).nullable());

/** The state of a site after a successful task: a disabled site stays disabled. */
export const wholeState = ({ web }: SiteContext): 'enabled' | 'disabled' =>
  web.serving === 'disabled' ? 'disabled' : 'enabled';
