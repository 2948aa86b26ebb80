import { dirname } from 'node:path';
import { z } from 'zod';
import type { GeneratedFile } from '../model/generated-file.ts';
import type { Host } from './host.ts';

/** What one file was before a change: its text, or null where there was none. Plain JSON for the journal. */
export const fileBefore = z.object({
  path: z.string(),
  text: z.string().nullable(),
  mode: z.number(),
  group: z.string(),
});
export type FileBefore = z.infer<typeof fileBefore>;

/** The present state of those of `files` whose text differs, and of those of `remove` that exist. */
export async function filesBefore(host: Host, files: GeneratedFile[], remove: string[] = []): Promise<FileBefore[]> {
  const before: FileBefore[] = [];
  for (const { path, text, mode, group, once } of files) {
    const present = await host.readText(path);
    if (present === undefined || (!once && present !== text)) before.push({ path, text: present ?? null, mode, group });
  }
  for (const path of remove) {
    const present = await host.readText(path);
    if (present !== undefined) before.push({ path, text: present, mode: 0o644, group: 'root' });
  }
  return before;
}

/** Writes files as root; those with `once` only where there is none. Owner and mode are corrected on all of them. */
export async function writeFiles(host: Host, files: GeneratedFile[]): Promise<void> {
  for (const { path, text, group, mode, once } of files) {
    const kept = once ? await host.readText(path) : undefined;
    await host.act('file.write', { path, text: kept ?? text, group, mode });
  }
}

/** Restores files. Where the folder has been removed, there is nothing to restore. */
export async function restoreFiles(host: Host, before: FileBefore[]): Promise<void> {
  for (const { path, text, mode, group } of before) {
    if ((await host.stat(dirname(path))) === undefined) continue;
    // A file that was never written needs no restoring, even where writing is not allowed.
    if (((await host.readText(path)) ?? null) === text) continue;
    if (text === null) await host.act('file.remove', { path });
    else await host.act('file.write', { path, text, group, mode });
  }
}
