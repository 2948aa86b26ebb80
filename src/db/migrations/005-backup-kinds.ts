/** Backups that go by themselves: those of a schedule, and those that a task made to be safe. What a site is made again by. */
export const backupKinds = `
ALTER TABLE backup ADD COLUMN kind TEXT NOT NULL DEFAULT 'kept' CHECK (kind IN ('kept', 'rotating', 'safety'));
-- What of the site its manifest says: title, profile, language, administrator, limits, names.
ALTER TABLE backup ADD COLUMN site TEXT NOT NULL CHECK (json_valid(site))
  DEFAULT '{"title":"","profile":"","language":"","admin":{"name":"","mail":""},"php":{}}';
`;
