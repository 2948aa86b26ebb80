import type { FormerPlace } from '../../engines/engine.ts';
import { runProgram } from '../../engines/program.ts';
import type { SiteContext } from '../../model/context.ts';
import type { Step, StepIo, TaskContexts } from '../model/task.ts';

/** Gives a copy its own secrets, so that those of the source are useless there. Idempotent. */
export async function renewSecrets(site: SiteContext, io: StepIo): Promise<void> {
  const engine = io.engines.named(site.platform.engine);
  if (engine.renew) await runProgram(io.host, site, engine.name, engine.renew(site), io);
}

/** Replaces the former addresses in the content of a site; idempotent. */
export async function letContentFollow(site: SiteContext, from: FormerPlace, io: StepIo): Promise<void> {
  const engine = io.engines.named(site.platform.engine);
  const { rows } = await runProgram(io.host, site, engine.name, engine.moved(site, from), io);
  io.log('info', `${String(rows ?? 0)} rows contained ${from.url}`);
}

/** Updates the content of a site after a task has changed its names; `change` gives the site as it is now. */
export const followNames = <C extends TaskContexts['site']>(change: (ctx: C) => SiteContext): Step<C> => ({
  name: 'content',
  title: 'Change addresses in the content',
  async run(ctx, io) {
    const now = change(ctx);
    const { uri, server } = ctx.site;
    const address = io.services.url(ctx.site);
    const former = uri !== now.uri || address !== io.services.url(now) ? [{ uri, url: address }] : [];
    // Links may contain the URI even if the site used another name for itself.
    const url = io.services.http(server).url(server, uri);
    const gone = ![now.uri, ...now.aliases].includes(uri);
    if (gone && url !== address) former.push({ uri, url });
    if (former.length === 0) return io.notNeeded('its address stays');
    const follow = async (): Promise<void> => {
      for (const place of former) await letContentFollow(now, place, io);
    };
    await follow();
    // Requests that began before may still cache a page with the old address: they end first, then caches are cleared.
    await io.services.php(server).drain(io.host, now);
    await follow();
  },
});
