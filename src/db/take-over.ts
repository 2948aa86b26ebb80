import { type Inventory, transact } from './inventory.ts';

/** Handles are never reused: those given out by the present inventory are marked as used in its older copy. */
export function takeOverHandles(copy: Inventory, present: Inventory): void {
  const rows = present.prepare<[], object>('SELECT number, handle, uid, uri, created_at FROM handle').all();
  const insert = copy.prepare(
    `INSERT OR IGNORE INTO handle (number, handle, uid, uri, created_at)
     VALUES (@number, @handle, @uid, @uri, @created_at)`,
  );
  transact(copy, () => {
    for (const row of rows) insert.run(row);
  });
}

/** The highest number that a table has given out, or 0. */
export const numbersGiven = (db: Inventory, table: 'handle' | 'task'): number =>
  db.prepare<[string], number>('SELECT seq FROM sqlite_sequence WHERE name = ?').pluck().get(table) ?? 0;

/** Makes a table's numbers continue above `number`. */
export function skipNumbers(db: Inventory, table: 'handle' | 'task', number: number): void {
  transact(db, () => {
    const seq = Math.max(number, numbersGiven(db, table));
    // This table has no unique key: https://www.sqlite.org/autoinc.html
    db.prepare('DELETE FROM sqlite_sequence WHERE name = ?').run(table);
    db.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(table, seq);
  });
}
