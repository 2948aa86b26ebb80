/** Backups; a backup outlives its site, so the site is stored as text. */
export const backups = `
CREATE TABLE backup (
  id INTEGER PRIMARY KEY,
  -- The folder's name below backups/.
  name TEXT NOT NULL UNIQUE,
  uri TEXT NOT NULL,
  platform TEXT NOT NULL,
  engine TEXT NOT NULL,
  version TEXT NOT NULL,
  description TEXT NOT NULL,
  -- What is stored, compressed.
  bytes INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  task_id INTEGER REFERENCES task (id)
) STRICT;
CREATE INDEX backup_uri ON backup (uri, created_at);
`;
