/**
 * Settings for visitors, schedules that queue tasks, and quotas of clients. Existing sites get the default cron
 * schedule, spread over time.
 */
export const siteLife = `
ALTER TABLE site ADD COLUMN web TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(web));
ALTER TABLE client ADD COLUMN max_sites INTEGER;
ALTER TABLE client ADD COLUMN max_disk_bytes INTEGER;

CREATE TABLE schedule (
  site_id INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  task_type TEXT NOT NULL,
  minutes INTEGER NOT NULL CHECK (minutes > 0),
  args TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(args)),
  due_at TEXT NOT NULL,
  PRIMARY KEY (site_id, task_type)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_due ON schedule (due_at);

INSERT INTO schedule (site_id, task_type, minutes, due_at)
SELECT id, 'site.cron', 15, strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (15 + id % 15) || ' minutes') FROM site;
`;
