import { type Inventory, transact } from './inventory.ts';

/** Handles are given once: those that an inventory has given are given in its older copy too. */
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

/** The greatest number that a table has given, or 0. */
export const numbersGiven = (db: Inventory, table: 'handle' | 'task'): number =>
  db.prepare<[string], number>('SELECT seq FROM sqlite_sequence WHERE name = ?').pluck().get(table) ?? 0;

/** Lets a table's numbers go on above `number`. */
export function skipNumbers(db: Inventory, table: 'handle' | 'task', number: number): void {
  transact(db, () => {
    const seq = Math.max(number, numbersGiven(db, table));
    // SQLite keeps no key here: https://www.sqlite.org/autoinc.html
    db.prepare('DELETE FROM sqlite_sequence WHERE name = ?').run(table);
    db.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(table, seq);
  });
}
