/**
 * Indexes that make the cost of the queue independent of its length, and one for each foreign key: without one,
 * deleting a row scans all rows that might refer to it.
 */
const open = `state IN ('queued', 'running', 'interrupted')`;

export const queueIndexes = `
-- What is going on with an object; which backups are about to be used.
CREATE INDEX task_open_object ON task (object_name, type) WHERE ${open};
CREATE INDEX task_open_backup ON task (args ->> '$.backup') WHERE ${open} AND args ->> '$.backup' IS NOT NULL;
-- What a worker is asked for.
CREATE INDEX task_cancel ON task (state) WHERE ${open} AND cancel_requested_at IS NOT NULL;
CREATE INDEX task_recover ON task (recover_requested_at) WHERE recover_requested_at IS NOT NULL;
CREATE INDEX task_retry ON task (retry_of) WHERE retry_of IS NOT NULL;
DROP INDEX task_batch;
CREATE INDEX task_batch ON task (batch, state) WHERE batch IS NOT NULL;
CREATE INDEX backup_task ON backup (task_id) WHERE task_id IS NOT NULL;
DROP INDEX package_platform;
CREATE INDEX package_platform ON package (platform_id, kind, name);
DROP INDEX package_site;
CREATE INDEX package_site ON package (site_id, kind, name);
CREATE INDEX site_client ON site (client_id);
DROP INDEX release_platform;
CREATE INDEX release_platform ON release (platform_id, site_id);
CREATE INDEX release_kept ON release (kept_until) WHERE state = 'kept';
`;
