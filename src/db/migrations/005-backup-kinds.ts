/**
 * Backups that are removed automatically: scheduled ones, and safety backups of tasks. Adds the facts for recreating a
 * site.
 */
export const backupKinds = `
ALTER TABLE backup ADD COLUMN kind TEXT NOT NULL DEFAULT 'kept' CHECK (kind IN ('kept', 'rotating', 'safety'));
-- What of the site its manifest says: title, profile, language, administrator, limits, names.
ALTER TABLE backup ADD COLUMN site TEXT NOT NULL CHECK (json_valid(site))
  DEFAULT '{"title":"","profile":"","language":"","admin":{"name":"","mail":""},"php":{}}';
`;
