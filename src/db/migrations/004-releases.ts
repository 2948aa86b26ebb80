/** Keeps a replaced release for a while, so that the site can be rolled back to it; adds batches of tasks. */
export const keptReleases = `
-- ISO 8601 UTC; set where the state is 'kept'.
ALTER TABLE release ADD COLUMN kept_until TEXT;

-- Tasks that bear its id run as it says; an id without a row only groups them.
CREATE TABLE batch (
  id TEXT PRIMARY KEY,
  at_once INTEGER NOT NULL CHECK (at_once > 0),
  stop_on_failure INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX task_batch ON task (batch) WHERE batch IS NOT NULL;
`;
