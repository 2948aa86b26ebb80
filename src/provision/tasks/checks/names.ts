import type { SiteContext } from '../../model/context.ts';
import type { Problem } from '../../model/work-io.ts';
import type { ServedElsewhere } from '../../services/service.ts';
import type { StepIo } from '../model/task.ts';

/**
 * Reports names that a foreign vhost already serves: that vhost would lose the name, or keep it and hide the site.
 * `movesIn`: the site is imported from there, and may take over the name. Conflicts that affect only some visitors or
 * names are warnings.
 */
export async function checkNames(
  site: SiteContext,
  names: string[],
  io: StepIo,
  problem: Problem,
  { field, movesIn = false }: { field?: string; movesIn?: boolean } = {},
): Promise<void> {
  const found = await io.services.http(site.server).servedElsewhere(io.host, site.server, names);
  for (const name of names) {
    const one = found.find((served) => served.name === name);
    if (!one) continue;
    if (one.how !== 'theirs' && !(one.how === 'taken' && !movesIn)) io.log('warning', conflictText(one));
    else
      problem(
        'NAME_SERVED',
        conflictText(one),
        `Remove the name from ${one.file} and reload nginx; then try again.`,
        field,
      );
  }
}

function conflictText({ name, claim, file, line, how }: ServedElsewhere): string {
  const where = `a vhost that is not ours (${file}, line ${line})`;
  const claimed = claim === name ? '' : ` by server_name ${claim}`;
  switch (how) {
    case 'theirs':
      return `${name} is served by ${where}${claimed}`;
    case 'taken':
      return `${name} is served by ${where}, from which this site would take it`;
    case 'pattern':
      return `${name} was served by ${where}${claimed}, and is served by this site now`;
    case 'part':
      return `${claim} stays with ${where}; this site gets the other names that match ${name}`;
    case 'port':
      return `${name} is served on another port by ${where}`;
  }
}
