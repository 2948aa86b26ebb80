import { z } from 'zod';
import type { SiteContext } from '../../model/context.ts';
import { settleRedirects } from '../../model/site-names.ts';
import { canonicalAlias } from '../../model/uri.ts';
import { checkNameFree, settled } from '../checks/availability.ts';
import { checkNames } from '../checks/names.ts';
import { fieldInfo } from '../model/fields.ts';
import { defineTask, type TaskContexts } from '../model/task.ts';
import { asChanged } from '../steps/as-changed.ts';
import { followNames } from '../steps/content.ts';
import { publishSite } from '../steps/publish.ts';
import { writeSettings } from '../steps/settings.ts';
import { checkServices } from './install-checks.ts';

const args = z.object({
  add: z.string().max(4000).default('').register(fieldInfo, {
    title: 'Add',
    help: 'Additional names of the site, separated by spaces; *.example.org means every name below it.',
    example: 'www.shop.example.org',
    inExample: true,
  }),
  remove: z.string().max(4000).default('').register(fieldInfo, {
    title: 'Remove',
    help: 'Names that the site no longer answers to, separated by spaces.',
  }),
});
export type SiteAliasArgs = z.infer<typeof args>;

/** The names in an argument, each in canonical form. Throws `URI_INVALID`. */
export const namesIn = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map(canonicalAlias);

function renamed({ site, args: { add, remove } }: TaskContexts['site'] & { args: SiteAliasArgs }): SiteContext {
  const gone = namesIn(remove);
  const aliases = [...new Set([...site.aliases, ...namesIn(add)])].filter(
    (name) => name !== site.uri && !gone.includes(name),
  );
  return settleRedirects({ ...site, aliases });
}

/** Adds and removes the names that a site answers to besides its URI. */
export const siteAlias = defineTask({
  type: 'site.alias',
  title: 'Aliases',
  summary: 'Adds and removes names that the site answers to. A name belongs to one site only.',
  object: 'site',
  available: settled,
  present: ({ aliases }) => ({ add: aliases.join(' '), remove: aliases.join(' ') }),
  checkArgs(records, uri, { add }) {
    for (const name of namesIn(add)) checkNameFree(records, uri, name, 'add');
  },
  danger: 'none',
  args,
  timeLimitS: 300,
  async validate({ site, args: { add, remove } }, io, problem) {
    await checkServices(site, io, problem);
    if (add.trim() === '' && remove.trim() === '') {
      problem('NOTHING_TO_DO', 'no name was given', 'Give names to add or to remove.', 'add');
    }
    for (const name of namesIn(remove).filter((name) => !site.aliases.includes(name))) {
      const has = site.aliases.length > 0 ? `It has: ${site.aliases.join(', ')}.` : 'It has none.';
      problem('ALIAS_UNKNOWN', `${name} is not an alias of ${site.uri}`, has, 'remove');
    }
    const added = namesIn(add).filter((name) => ![site.uri, ...site.aliases].includes(name));
    await checkNames(site, added, io, problem, { field: 'add' });
  },
  apply: [asChanged(writeSettings, renamed), asChanged(publishSite, renamed)],
  commit(ctx) {
    const { uri, aliases, web } = renamed(ctx);
    return { site: { names: { uri, aliases }, web } };
  },
  cleanUp: [followNames(renamed)],
});

const redirectArgs = z.object({
  to: z.string().max(255).default('').register(fieldInfo, {
    title: 'To',
    help: 'The name that others redirect to, which becomes the site’s address. Empty: each name shows the site.',
    example: 'www.shop.example.org',
    inExample: true,
  }),
  only: z.string().max(4000).default('').register(fieldInfo, {
    title: 'Only',
    help: 'Names that redirect, separated by spaces; the others show the site. Empty: all other names redirect.',
    example: 'old.example.org',
    advanced: true,
  }),
});

function redirected({ site, args }: TaskContexts['site'] & { args: z.infer<typeof redirectArgs> }): SiteContext {
  const only = namesIn(args.only);
  const redirect = args.to.trim() === '' ? '' : canonicalAlias(args.to);
  return settleRedirects({ ...site, web: { ...site.web, redirect, redirected: only.length > 0 ? only : null } });
}

/** Makes all names of a site redirect to one of them, or to none. */
export const siteRedirect = defineTask({
  type: 'site.redirect',
  title: 'Redirect',
  summary: 'Redirects names of the site to one of them (301), which becomes its address; or shows the site under each.',
  object: 'site',
  available: settled,
  present: ({ web }) => ({
    to: String(web.redirect ?? ''),
    only: ((web.redirected as string[] | null | undefined) ?? []).join(' '),
  }),
  danger: 'none',
  args: redirectArgs,
  timeLimitS: 300,
  async validate(ctx, io, problem) {
    await checkServices(ctx.site, io, problem);
    const [to, only] = [namesIn(ctx.args.to), namesIn(ctx.args.only)];
    const names = [ctx.site.uri, ...ctx.site.aliases];
    const single = names.filter((name) => !name.startsWith('*'));
    const unknown = (name: string, has: string[], field: string) =>
      problem('ALIAS_UNKNOWN', `${name} is not a name of ${ctx.site.uri}`, `It has: ${has.join(', ')}.`, field);
    for (const name of to.filter((name) => !single.includes(name))) unknown(name, single, 'to');
    for (const name of only.filter((name) => !names.includes(name))) unknown(name, names, 'only');
    if (only.length > 0 && to.length === 0) {
      problem('ARGUMENT_INVALID', `the target of ${only.join(', ')} is missing`, 'Add: --to', 'to');
    }
    const [itself] = only.filter((name) => to.includes(name));
    if (itself) problem('ARGUMENT_INVALID', `${itself} cannot redirect to itself`, 'Leave it out.', 'only');
  },
  apply: [asChanged(writeSettings, redirected), asChanged(publishSite, redirected)],
  commit: (ctx) => ({ site: { web: redirected(ctx).web } }),
  cleanUp: [followNames(redirected)],
});
