import { describe, expect, it } from 'vitest';
import { isEnded } from '../../src/cli/wait.ts';
import { findTask } from '../../src/db/tasks.ts';
import { openStore } from '../support/open-store.ts';

describe('waiting for a task', () => {
  it('lasts until what another try was asked for has been tried', async () => {
    const { seeded } = await openStore();
    const { db, failed } = seeded;
    const over = (): boolean => {
      const task = findTask(db, failed);
      return task !== undefined && isEnded(task);
    };
    expect(over()).toBe(true);
    db.prepare('UPDATE task SET recover_requested_at = ? WHERE id = ?').run('2026-01-01T00:00:00Z', failed);
    expect(over()).toBe(false);
  });
});
