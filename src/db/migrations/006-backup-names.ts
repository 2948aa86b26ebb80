/** A backup follows its site when that is renamed, as its tasks do; those of sites that were renamed before catch up. */
export const backupNames = `
UPDATE backup SET uri = (SELECT object_name FROM task WHERE task.id = backup.task_id)
  WHERE task_id IN (SELECT id FROM task WHERE object_kind = 'site');
`;
