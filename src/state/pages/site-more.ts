import { keptRelease } from '../../db/releases.ts';
import { siteSchedules } from '../../db/schedules.ts';
import type { SiteRow } from '../../db/sites.ts';
import { listTasks } from '../../db/tasks.ts';
import type { SiteMore } from '../model/data.ts';
import type { PageSource } from './definition.ts';

/** Reads what is known of a site beside its row. */
export function readSiteMore({ db, paths, catalogue }: PageSource, { id, uri }: SiteRow, old: SiteMore): SiteMore {
  const [lastCron] = listTasks(db, { object: { kind: 'site', name: uri }, type: 'site.cron', limit: 1 });
  return { schedules: siteSchedules(db, id), lastCron, kept: keptRelease(db, id), files: readFiles() };

  function readFiles(): SiteMore['files'] {
    try {
      return catalogue?.siteFiles(db, paths.root, uri, old.files);
    } catch {
      // Services whose settings are not as their drivers have them: doctor says so.
      return undefined;
    }
  }
}
