/**
 * The state of steps that were not needed, with the reason. Changing a column's CHECK requires recreating the table.
 */
export const stepsNotNeeded = `
CREATE TABLE step_new (
  task_id INTEGER NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  phase TEXT NOT NULL CHECK (phase IN ('validate', 'apply', 'commit', 'cleanUp')),
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'notNeeded', 'failed', 'undoing', 'undone')),
  saved TEXT CHECK (saved IS NULL OR json_valid(saved)),
  error TEXT,
  note TEXT,
  started_at TEXT,
  ended_at TEXT,
  PRIMARY KEY (task_id, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO step_new (task_id, seq, phase, name, title, state, saved, error, started_at, ended_at)
  SELECT task_id, seq, phase, name, title, state, saved, error, started_at, ended_at FROM step;
DROP TABLE step;
ALTER TABLE step_new RENAME TO step;
`;
