import { z } from 'zod';
import { settledOrLocked } from '../checks/availability.ts';
import { checkRoom, measured } from '../checks/space.ts';
import { fieldInfo } from '../model/fields.ts';
import { defineTask, type TaskContext } from '../model/task.ts';
import { newBackup, openBackup, packContent, sealBackup } from '../steps/pack.ts';
import { outdated, removeOutdated } from '../steps/rotate.ts';

type BackupTask = TaskContext<'site', { description: string; keep: number }>;

const goneBy = (ctx: BackupTask): string[] => (ctx.args.keep > 0 ? outdated(ctx, 'rotating', ctx.args.keep) : []);

/** Backs up a site: database, files, keys and a manifest, and verifies the backup. */
export const siteBackup = defineTask({
  type: 'site.backup',
  title: 'Back up',
  summary: 'Saves the database, files and keys of a site with a manifest; all is read back before it counts as done.',
  object: 'site',
  keys: ['b'],
  footer: 5,
  available: settledOrLocked,
  leavesServices: true,
  scheduledAlways: true,
  danger: 'none',
  args: z.object({
    description: z.string().max(200).default('').register(fieldInfo, {
      title: 'Description',
      help: 'What the backup is for.',
      example: 'before the new theme',
      advanced: true,
    }),
    keep: z.coerce.number().int().min(0).max(1000).default(0).register(fieldInfo, {
      title: 'Keep',
      help: 'How many backups made with this option are kept; older ones are deleted. 0 keeps this one until somebody deletes it.',
      advanced: true,
    }),
  }),
  timeLimitS: 4 * 3600,
  async validate({ site }, io, problem) {
    await checkRoom(site, io, { saved: await measured(site, io) }, problem);
  },
  apply: [
    openBackup,
    {
      name: 'describe',
      title: 'Record what it is for',
      async run({ args }, io) {
        if (args.description === '') io.notNeeded('no description was given');
        io.report({ description: args.description });
      },
    },
    packContent,
    sealBackup,
  ],
  commit: (ctx, result) => ({
    backup: newBackup(ctx.site, result, ctx.args.description, ctx.args.keep > 0 ? 'rotating' : 'kept'),
    forgetBackups: goneBy(ctx),
  }),
  cleanUp: [removeOutdated<BackupTask>(goneBy)],
});
