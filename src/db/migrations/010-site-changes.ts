/**
 * Records which sites have changed in the list of sites, newest last, so that a console with a hundred thousand sites
 * reads only those again. A reader that has missed more than are recorded reads all of them.
 */
const KEPT = 1000;

const before = [
  ...['site', 'site_name', 'release', 'backup', 'schedule'].flatMap((table) =>
    ['insert', 'update', 'delete'].map((verb) => `${table}_${verb}`),
  ),
  'platform_update',
  'client_update',
  'task_insert',
  'task_update',
];

/** A trigger that records the site names that `of` selects. */
const noting = (name: string, when: string, of: string): string =>
  `CREATE TRIGGER site_change_${name} AFTER ${when} BEGIN INSERT INTO site_change (uri) ${of}; END;`;

const named = (id: string): string => `SELECT name FROM site_name WHERE site_id = ${id} AND kind = 'uri'`;

/** More sites than are recorded have changed: every reader has missed some, and reads all. */
const all = (name: string, table: string): string =>
  `CREATE TRIGGER site_change_${name} AFTER UPDATE OF name ON ${table} WHEN OLD.name <> NEW.name BEGIN
  INSERT INTO site_change (revision, uri) SELECT max(revision) + ${2 * KEPT}, '' FROM site_change;
END;`;

export const siteChanges = `
${before.map((name) => `DROP TRIGGER list_revision_${name};`).join('\n')}
DROP TABLE list_revision;
CREATE TABLE site_change (revision INTEGER PRIMARY KEY, uri TEXT NOT NULL) STRICT;
INSERT INTO site_change (revision, uri) VALUES (1, '');
CREATE TRIGGER site_change_kept AFTER INSERT ON site_change BEGIN
  DELETE FROM site_change WHERE revision <= NEW.revision - ${KEPT};
END;
${noting(
  'site',
  `UPDATE OF state, lock_reason, client_id, created_at ON site
     WHEN OLD.state <> NEW.state OR OLD.lock_reason IS NOT NEW.lock_reason OR OLD.client_id <> NEW.client_id
       OR OLD.created_at <> NEW.created_at`,
  named('NEW.id'),
)}
${noting('name_insert', `INSERT ON site_name WHEN NEW.kind = 'uri'`, 'VALUES (NEW.name)')}
${noting('name_update', 'UPDATE ON site_name', 'VALUES (OLD.name), (NEW.name)')}
${noting('name_delete', `DELETE ON site_name WHEN OLD.kind = 'uri'`, 'VALUES (OLD.name)')}
${noting('release_insert', `INSERT ON release WHEN NEW.state = 'current'`, named('NEW.site_id'))}
${noting('release_update', 'UPDATE OF state, platform_id ON release', named('NEW.site_id'))}
${noting('release_delete', `DELETE ON release WHEN OLD.state = 'current'`, named('OLD.site_id'))}
${noting('backup_insert', 'INSERT ON backup', 'VALUES (NEW.uri)')}
${noting('backup_update', 'UPDATE OF uri, created_at ON backup', 'VALUES (OLD.uri), (NEW.uri)')}
${noting('backup_delete', 'DELETE ON backup', 'VALUES (OLD.uri)')}
${noting('schedule_insert', `INSERT ON schedule WHEN NEW.task_type = 'site.backup'`, named('NEW.site_id'))}
${noting('schedule_update', `UPDATE OF minutes ON schedule WHEN NEW.task_type = 'site.backup'`, named('NEW.site_id'))}
${noting('schedule_delete', `DELETE ON schedule WHEN OLD.task_type = 'site.backup'`, named('OLD.site_id'))}
-- A site that is being deleted says so.
${noting('task_insert', `INSERT ON task WHEN NEW.type = 'site.delete'`, 'VALUES (NEW.object_name)')}
${noting('task_update', `UPDATE OF state ON task WHEN NEW.type = 'site.delete'`, 'VALUES (NEW.object_name)')}
${all('platform', 'platform')}
${all('client', 'client')}
`;
