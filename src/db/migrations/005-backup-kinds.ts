/** Backups that go by themselves: those of a schedule, and those that a task made to be safe. */
export const backupKinds = `
ALTER TABLE backup ADD COLUMN kind TEXT NOT NULL DEFAULT 'kept' CHECK (kind IN ('kept', 'rotating', 'safety'));
`;
