import { basename, dirname, join } from 'node:path';
import type { Addition } from '../../engines/engine.ts';
import { type PlatformContext, type ServerContext, serverPaths, serviceOf } from '../../model/context.ts';
import { AegirError, describeError } from '../../model/errors.ts';
import type { DatabaseAccess } from '../../model/service-facts.ts';
import type { StepIo } from '../model/task.ts';

interface PlatformTask {
  platform: PlatformContext;
  server: ServerContext;
}

/**
 * Installs into the code base at `root` what its engine needs for the server's database and what is missing. Saves the
 * folders that it creates. Throws `ADDITION_MISSING` if no source has it.
 */
export async function fetchAdditions({ server }: PlatformTask, root: string, io: StepIo): Promise<void> {
  const engine = io.engines.named(String(io.result.engine));
  const database = serviceOf(server, 'db').driver as DatabaseAccess['driver'];
  const missing: Addition[] = [];
  for (const addition of engine.additions?.(database) ?? []) {
    if (!(await io.host.stat(join(root, addition.mark)))) missing.push(addition);
  }
  if (missing.length === 0) return io.notNeeded('nothing is missing');
  io.save(missing.map(({ into }) => join(root, into)));
  for (const addition of missing) await fetchAddition(addition, server, root, io);
}

async function fetchAddition(addition: Addition, server: ServerContext, root: string, io: StepIo): Promise<void> {
  const staging = join(serverPaths(server).platforms, `.part-${basename(addition.into)}`);
  const tried: string[] = [];
  for (const from of addition.from) {
    try {
      await io.host.act('tree.remove', { path: staging });
      await io.host.act('folder.make', { path: staging, owner: 'root', group: 'root', mode: 0o755 });
      const source = io.sources.parse(from);
      const options = { sha256: '', parts: [{ from: addition.part, to: '' }] };
      await io.sources.of(source).fetch(io.host, source, staging, options, io);
      await io.host.act('tree.seal', { path: staging });
      const parent = join(root, dirname(addition.into));
      await io.host.act('folder.make', { path: parent, owner: 'root', group: 'root', mode: 0o755 });
      await io.host.act('tree.rename', { from: staging, to: join(root, addition.into) });
      io.log('info', `added ${addition.title}`);
      return;
    } catch (error) {
      io.signal.throwIfAborted();
      tried.push(`${from}: ${describeError(error).message}`);
    }
  }
  await io.host.act('tree.remove', { path: staging });
  const message = `${addition.title} could not be fetched: ${tried.join('; ')}`;
  throw new AegirError('ADDITION_MISSING', message, `Put it into ${addition.into} of the code and try again.`);
}
