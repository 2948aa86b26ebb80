/**
 * Counts the changes that the list of sites shows, so that a console with a hundred thousand sites reads them again
 * only if there is something new, and not for each progress of a task.
 */
const touching = [
  ['site', 'INSERT'],
  ['site', 'UPDATE'],
  ['site', 'DELETE'],
  ['site_name', 'INSERT'],
  ['site_name', 'UPDATE'],
  ['site_name', 'DELETE'],
  ['release', 'INSERT'],
  ['release', 'UPDATE'],
  ['release', 'DELETE'],
  ['platform', 'UPDATE'],
  ['client', 'UPDATE'],
  ['backup', 'INSERT'],
  ['backup', 'UPDATE'],
  ['backup', 'DELETE'],
] as const;

export const listRevision = `
CREATE TABLE list_revision (id INTEGER PRIMARY KEY CHECK (id = 1), sites INTEGER NOT NULL) STRICT;
INSERT INTO list_revision (id, sites) VALUES (1, 0);
${touching
  .map(
    ([table, verb]) => `CREATE TRIGGER list_revision_${table}_${verb.toLowerCase()} AFTER ${verb} ON ${table} BEGIN
  UPDATE list_revision SET sites = sites + 1;
END;`,
  )
  .join('\n')}
-- Sites that are being deleted say so; schedules say which backups are late.
CREATE TRIGGER list_revision_task_insert AFTER INSERT ON task WHEN NEW.type = 'site.delete' BEGIN
  UPDATE list_revision SET sites = sites + 1;
END;
CREATE TRIGGER list_revision_task_update AFTER UPDATE OF state ON task WHEN NEW.type = 'site.delete' BEGIN
  UPDATE list_revision SET sites = sites + 1;
END;
CREATE TRIGGER list_revision_schedule_insert AFTER INSERT ON schedule WHEN NEW.task_type = 'site.backup' BEGIN
  UPDATE list_revision SET sites = sites + 1;
END;
CREATE TRIGGER list_revision_schedule_update AFTER UPDATE ON schedule WHEN NEW.task_type = 'site.backup' BEGIN
  UPDATE list_revision SET sites = sites + 1;
END;
CREATE TRIGGER list_revision_schedule_delete AFTER DELETE ON schedule WHEN OLD.task_type = 'site.backup' BEGIN
  UPDATE list_revision SET sites = sites + 1;
END;
`;
