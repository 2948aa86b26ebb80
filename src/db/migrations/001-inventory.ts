/** The first schema. Times are ISO 8601 UTC text; documents are JSON text; booleans are 0 and 1. */
export const inventorySchema = `
CREATE TABLE server (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  handle_prefix TEXT NOT NULL,
  uid_base INTEGER NOT NULL,
  web_user TEXT NOT NULL,
  created_at TEXT NOT NULL,
  verified_at TEXT
) STRICT;

CREATE TABLE service (
  id INTEGER PRIMARY KEY,
  server_id INTEGER NOT NULL REFERENCES server (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('http', 'php', 'db', 'tls', 'cron')),
  driver TEXT NOT NULL,
  version TEXT NOT NULL,
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  UNIQUE (server_id, kind)
) STRICT;

CREATE TABLE client (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  mail TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE platform (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  server_id INTEGER NOT NULL REFERENCES server (id),
  root TEXT NOT NULL,
  docroot TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL,
  managed INTEGER NOT NULL CHECK (managed IN (0, 1)),
  engine TEXT NOT NULL DEFAULT '',
  version TEXT NOT NULL DEFAULT '',
  profiles TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(profiles)),
  state TEXT NOT NULL CHECK (state IN ('adding', 'ready', 'failed')),
  lock_reason TEXT,
  created_at TEXT NOT NULL,
  verified_at TEXT
) STRICT;

-- Numbers of handles. Rows stay for ever, so that a user id or an account name is never given twice.
CREATE TABLE handle (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  handle TEXT NOT NULL UNIQUE,
  uid INTEGER NOT NULL UNIQUE,
  uri TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE site (
  id INTEGER PRIMARY KEY,
  handle TEXT NOT NULL UNIQUE REFERENCES handle (handle),
  client_id INTEGER NOT NULL REFERENCES client (id),
  title TEXT NOT NULL,
  profile TEXT NOT NULL,
  language TEXT NOT NULL,
  admin_name TEXT NOT NULL,
  admin_mail TEXT NOT NULL,
  php TEXT NOT NULL CHECK (json_valid(php)),
  state TEXT NOT NULL CHECK (state IN ('installing', 'enabled', 'disabled', 'failed')),
  lock_reason TEXT,
  disk_bytes INTEGER,
  created_at TEXT NOT NULL,
  verified_at TEXT
) STRICT;

-- Every name that a site answers to: one home for "a name is used once only".
CREATE TABLE site_name (
  name TEXT PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('uri', 'alias'))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX site_uri ON site_name (site_id) WHERE kind = 'uri';
CREATE INDEX site_names ON site_name (site_id);

CREATE TABLE release (
  id INTEGER PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  platform_id INTEGER NOT NULL REFERENCES platform (id),
  database_driver TEXT NOT NULL,
  database_name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('current', 'staged', 'kept')),
  created_at TEXT NOT NULL,
  UNIQUE (site_id, number)
) STRICT;
CREATE UNIQUE INDEX release_current ON release (site_id) WHERE state = 'current';
CREATE INDEX release_platform ON release (platform_id);

CREATE TABLE package (
  id INTEGER PRIMARY KEY,
  platform_id INTEGER REFERENCES platform (id) ON DELETE CASCADE,
  site_id INTEGER REFERENCES site (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  version TEXT NOT NULL,
  CHECK ((platform_id IS NULL) <> (site_id IS NULL))
) STRICT;
CREATE INDEX package_platform ON package (platform_id);
CREATE INDEX package_site ON package (site_id);

CREATE TABLE task (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  type TEXT NOT NULL,
  -- The object by name: deleting it keeps its history.
  object_kind TEXT NOT NULL CHECK (object_kind IN ('server', 'platform', 'site')),
  object_name TEXT NOT NULL,
  args TEXT NOT NULL CHECK (json_valid(args)),
  -- What the task was given when it started; undo and clean-up work from it alone.
  context TEXT CHECK (context IS NULL OR json_valid(context)),
  state TEXT NOT NULL
    CHECK (state IN ('queued', 'running', 'interrupted', 'succeeded', 'warning', 'failed', 'cancelled')),
  committed INTEGER NOT NULL DEFAULT 0,
  -- Set when an undo or a clean-up could not finish: the object is locked until task recover has done it.
  unfinished TEXT,
  attempt INTEGER NOT NULL DEFAULT 1,
  retry_of INTEGER REFERENCES task (id),
  batch TEXT,
  time_limit_s INTEGER NOT NULL,
  cancel_requested_at TEXT,
  recover_requested_at TEXT,
  progress TEXT CHECK (progress IS NULL OR json_valid(progress)),
  result TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(result)),
  error TEXT CHECK (error IS NULL OR json_valid(error)),
  queued_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT
) STRICT;
CREATE INDEX task_open ON task (state) WHERE state IN ('queued', 'running', 'interrupted');
CREATE INDEX task_unfinished ON task (object_kind, object_name) WHERE unfinished IS NOT NULL;
CREATE INDEX task_object ON task (object_kind, object_name, id);

CREATE TABLE task_secret (
  task_id INTEGER PRIMARY KEY REFERENCES task (id) ON DELETE CASCADE,
  secrets TEXT NOT NULL CHECK (json_valid(secrets))
) STRICT;

-- The journal.
CREATE TABLE step (
  task_id INTEGER NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  phase TEXT NOT NULL CHECK (phase IN ('validate', 'apply', 'commit', 'cleanUp')),
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'undoing', 'undone')),
  saved TEXT CHECK (saved IS NULL OR json_valid(saved)),
  error TEXT,
  started_at TEXT,
  ended_at TEXT,
  PRIMARY KEY (task_id, seq)
) STRICT, WITHOUT ROWID;

-- Who did what, from where.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  sudo_user TEXT,
  ssh_client TEXT,
  action TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_name TEXT NOT NULL,
  task_id INTEGER REFERENCES task (id)
) STRICT;
CREATE INDEX audit_task ON audit (task_id);
`;
