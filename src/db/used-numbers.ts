import { type Inventory, transact } from './inventory.ts';

/** Marks the handles of the current inventory as used in an older copy of it, since handles are never reused. */
export function copyHandles(copy: Inventory, current: Inventory): void {
  const rows = current.prepare<[], object>('SELECT number, handle, uid, uri, created_at FROM handle').all();
  const insert = copy.prepare(
    `INSERT OR IGNORE INTO handle (number, handle, uid, uri, created_at)
     VALUES (@number, @handle, @uid, @uri, @created_at)`,
  );
  transact(copy, () => {
    for (const row of rows) insert.run(row);
  });
}

/** The highest number that a table has used, or 0. */
export const highestNumber = (db: Inventory, table: 'handle' | 'task'): number =>
  db.prepare<[string], number>('SELECT seq FROM sqlite_sequence WHERE name = ?').pluck().get(table) ?? 0;

/** Makes a table continue with numbers above `number`. */
export function continueNumbersAbove(db: Inventory, table: 'handle' | 'task', number: number): void {
  transact(db, () => {
    const seq = Math.max(number, highestNumber(db, table));
    // This table has no unique key: https://www.sqlite.org/autoinc.html
    db.prepare('DELETE FROM sqlite_sequence WHERE name = ?').run(table);
    db.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(table, seq);
  });
}
