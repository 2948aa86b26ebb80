import { lstatSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { clearTemporary, syncFolder, temporaryName } from '../local/place.ts';
import { checkParents, checkPath, checkUser, refuse } from '../policy.ts';
import { onThread } from '../streams/on-thread.ts';
import { resolveCommand } from '../streams/stream-command.ts';
import { defineAct } from './act.ts';
import { intoCommand } from './into-database.ts';
import { streamCommand } from './user-command.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const streamSave = defineAct('stream.save', {
  args: z.strictObject({ from: streamCommand, to: z.string() }),
  describe: ({ from, to }) => `save the output of ${from.file} of ${from.user}, compressed, as ${to}`,
  async run({ from, to }, policy, live) {
    checkUser(policy, from.user);
    checkPath(policy, to, [policy.paths.backups]);
    checkParents(policy, to);
    clearTemporary(to);
    try {
      const streamed = await onThread(
        { what: 'save', from: resolveCommand(policy, from), to: temporaryName(to) },
        live,
      );
      renameSync(temporaryName(to), to);
      syncFolder(dirname(to));
      return streamed;
    } catch (error) {
      clearTemporary(to);
      throw error;
    }
  },
});

export const streamLoad = defineAct('stream.load', {
  args: z.strictObject({ from: z.string(), sha256, into: streamCommand }),
  describe: ({ from, into }) => `stream ${from} to ${into.file} of ${into.user}`,
  run({ from, sha256: sum, into }, policy, live) {
    checkUser(policy, into.user);
    checkSource(policy, from);
    return intoCommand(policy, into, live, (sink) => onThread({ what: 'load', from, sha256: sum, into: sink }, live));
  },
});

export const streamCheck = defineAct('stream.check', {
  args: z.strictObject({ from: z.string(), sha256, entries: z.boolean().optional() }),
  describe: ({ from }) => `check ${from}`,
  run({ from, sha256: sum, entries }, policy, live) {
    checkSource(policy, from);
    return onThread({ what: 'check', from, sha256: sum, entries: entries === true }, live);
  },
});

export const streamCopy = defineAct('stream.copy', {
  args: z.strictObject({ from: streamCommand, into: streamCommand }),
  describe: ({ from, into }) => `stream the output of ${from.file} of ${from.user} to ${into.file} of ${into.user}`,
  run({ from, into }, policy, live) {
    for (const { user } of [from, into]) checkUser(policy, user);
    return intoCommand(policy, into, live, (sink) =>
      onThread({ what: 'copy', from: resolveCommand(policy, from), into: sink }, live),
    );
  },
});

/** Checks that a backup file is a regular file in a folder that only root can change. */
function checkSource(policy: Parameters<typeof checkPath>[0], path: string): void {
  checkPath(policy, path, [policy.paths.backups]);
  checkParents(policy, path);
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) refuse(`${path} is not a file`);
}
