import type { SiteContext } from '../../context.ts';
import { runProgram } from '../../engines/program.ts';
import { engineNamed } from '../../engines/registry.ts';
import type { StepIo } from '../../task.ts';

/** Lets addresses in the content of a site follow from where it was; can be done twice. */
export async function letContentFollow(
  site: SiteContext,
  from: { uri: string; url: string },
  io: StepIo,
): Promise<void> {
  const engine = engineNamed(site.platform.engine);
  const { rows } = await runProgram(io.host, site, engine.name, engine.moved(site, from), io);
  io.log('info', `${String(rows ?? 0)} rows named ${from.url}`);
}
