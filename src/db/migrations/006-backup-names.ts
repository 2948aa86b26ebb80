/** A backup's URI follows a renamed site, as its tasks do; also updates sites that were renamed before. */
export const backupNames = `
UPDATE backup SET uri = (SELECT object_name FROM task WHERE task.id = backup.task_id)
  WHERE task_id IN (SELECT id FROM task WHERE object_kind = 'site');
`;
