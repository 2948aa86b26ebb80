import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../../model/errors.ts';
import { checkParents, checkPath, refuse } from '../../policy.ts';
import { defineAct } from '../act.ts';
import { npmPack, packedName } from '../npm.ts';
import { checkEmptyFolder } from './tools.ts';

export const npmName = z.string().regex(/^(@[a-z0-9._-]+\/)?[a-z0-9._-]+$/);
export const npmVersion = z.string().regex(/^[0-9A-Za-z.+-]+$/);
/** A relative path that stays inside its archive or folder. */
const inside = z
  .string()
  .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'leads out of the folder');

export const sourceNpm = defineAct('source.npm', {
  args: z.strictObject({ package: npmName, version: npmVersion, to: z.string() }),
  describe: (args) => `download ${args.package} ${args.version} by npm to ${args.to}`,
  async run({ package: name, version, to }, policy, live) {
    checkPath(policy, to);
    if (existsSync(to)) return;
    const folder = `${to}.part`;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    checkParents(policy, to);
    try {
      await npmPack([`${name}@${version}`], folder, live);
      renameSync(join(folder, packedName(name, version)), to);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

export const sourceParts = defineAct('source.parts', {
  args: z.strictObject({
    archive: z.string().startsWith('/'),
    to: z.string(),
    parts: z.array(z.strictObject({ from: inside, to: inside, except: z.array(inside).optional() })).min(1),
  }),
  describe: ({ archive, to, parts }) => `unpack ${parts.map(({ from }) => from).join(', ')} of ${archive} into ${to}`,
  async run({ archive, to, parts }, policy, live) {
    checkEmptyFolder(policy, to);
    const { list } = await import('tar');
    const found = new Set<string>();
    const zips: { part: (typeof parts)[number]; data: Promise<Buffer> }[] = [];
    const writes: Promise<void>[] = [];
    await list({
      file: archive,
      strict: true,
      onReadEntry(entry) {
        // npm puts everything into one top folder.
        const path = entry.path.replace(/^[^/]+\//, '');
        const part = parts.find(({ from }) => from === '' || path === from || path.startsWith(`${from}/`));
        if (!part || entry.type !== 'File') return entry.resume();
        found.add(part.from);
        if (path === part.from) zips.push({ part, data: entry.concat() as Promise<Buffer> });
        else writes.push(writeEntry(to, part, relative(part.from, path), entry.concat() as Promise<Buffer>));
      },
    });
    await Promise.all(writes);
    for (const { part, data } of zips) await unzip(to, part, await data, live.signal);
    const missing = parts.find(({ from }) => !found.has(from));
    if (missing) {
      throw new AegirError('UNPACK_FAILED', `${archive} contains no ${missing.from}`, 'Try another version.', 'from');
    }
  },
});

type Part = { from: string; to: string; except?: string[] | undefined };

async function writeEntry(to: string, part: Part, path: string, data: Promise<Buffer>): Promise<void> {
  write(to, part, path, await data);
}

/** Unpacks a zip file of the archive. A single top folder is dropped, as tools that pack a repository add one. */
async function unzip(to: string, part: Part, data: Buffer, signal: AbortSignal | undefined): Promise<void> {
  const { unzipSync } = await import('fflate');
  const entries = Object.entries(unzipSync(data)).filter(([name]) => !name.endsWith('/'));
  const [top] = new Set(entries.map(([name]) => name.split('/')[0]));
  const wrapped = entries.every(([name]) => name.startsWith(`${top}/`));
  for (const [name, content] of entries) {
    signal?.throwIfAborted();
    write(to, part, wrapped ? name.slice(name.indexOf('/') + 1) : name, content);
  }
}

function write(to: string, part: Part, path: string, content: Uint8Array): void {
  if (part.except?.includes(path)) return;
  if (!inside.safeParse(path).success) refuse(`the archive contains ${path}`);
  const file = join(to, part.to, path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, content, { mode: 0o644 });
}
