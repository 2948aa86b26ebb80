import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertBatch } from '../../src/db/batches.ts';
import { insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { switchRelease } from '../../src/db/releases.ts';
import { findSite, removeSite, renameSite } from '../../src/db/sites.ts';
import { endTask, insertTask, requestCancel } from '../../src/db/task-changes.ts';
import { findTask, type ObjectKind, openTasks } from '../../src/db/tasks.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { type Claims, makeClaims } from '../../src/worker/claim.ts';
import type { TaskLock } from '../../src/worker/locks.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

let small: SmallRoot;
let claims: Claims;
/** What runs, with its locks. */
let running: Map<number, TaskLock[]>;

const [A, B, C] = ['a.example.org', 'b.example.org', 'c.example.org'] as const;

beforeEach(() => {
  small = openSmallRoot();
  for (const uri of [A, B, C]) small.site(uri);
  const source = 'path:/srv/two';
  insertPlatform(small.db, { name: 'two', server: 'server_master', root: '/srv/two', source, managed: false });
  updatePlatform(small.db, 'two', { state: 'ready', engine: 'spip', version: '1', profiles: [] });
  claims = makeClaims(small.db, small.folder, standardProgram.tasks);
  running = new Map();
});
afterEach(() => small.remove());

function queue(type: string, objectName: string, batch?: string): number {
  const objectKind = type.slice(0, type.indexOf('.')) as ObjectKind;
  const task = { type, objectKind, objectName, args: {}, secrets: {}, timeLimitS: 10 };
  return insertTask(small.db, { ...task, ...(batch === undefined ? {} : { batch }) });
}

/** Looks at the queue until there is nothing more to do at once; the ids of what began, and in how many looks. */
function look(room = 100): { began: number[]; looks: number } {
  const began: number[] = [];
  let looks = 0;
  for (let more = true; more && looks < 100; looks += 1) {
    more = claims.look({
      held: [...running.values()].flat(),
      room: room - running.size,
      start(id, locks) {
        running.set(id, locks);
        began.push(id);
      },
      ended: () => {},
    });
  }
  return { began, looks };
}

function end(id: number, state: 'succeeded' | 'failed' = 'succeeded'): void {
  running.delete(id);
  endTask(small.db, id, { state });
}

const stateOf = (id: number): string | undefined => findTask(small.db, id)?.state;

describe('the order of the queue', () => {
  it('is that in which tasks on one object were queued', () => {
    const ids = ['site.verify', 'site.backup', 'site.login', 'site.cron'].map((type) => queue(type, A));
    for (const id of ids) {
      expect(look().began).toEqual([id]);
      end(id);
    }
  });

  it('keeps for an earlier task what that waits for', () => {
    const backup = queue('site.backup', A);
    const platform = queue('platform.verify', 'one');
    const later = queue('site.backup', B);
    // What touches none of it goes on.
    const apart = queue('platform.verify', 'two');
    expect(look().began).toEqual([backup, apart]);
    end(backup);
    expect(look().began).toEqual([platform]);
    end(platform);
    expect(look().began).toEqual([later]);
  });

  it('holds for more tasks than one look reads, and none of them is forgotten', () => {
    const first = Array.from({ length: 600 }, () => queue('site.verify', A));
    const last = queue('site.verify', B);
    const { began, looks } = look();
    expect(began).toEqual([first[0], last]);
    expect(looks).toBeGreaterThan(2);
    end(first[0] ?? 0);
    expect(look().began).toEqual([first[1]]);
  });

  it('starts no more tasks than there is room for', () => {
    const ids = [A, B, C].map((uri) => queue('site.verify', uri));
    expect(look(2).began).toEqual(ids.slice(0, 2));
    expect(look(2).began).toEqual([]);
    end(ids[0] ?? 0);
    expect(look(2).began).toEqual([ids[2]]);
  });
});

describe('a batch', () => {
  it('runs as many at once as it says, and what waits for its turn in it keeps nothing for itself', () => {
    insertBatch(small.db, { id: 'slow', atOnce: 1, stopOnFailure: false });
    const [one, two, three] = [A, B, C].map((uri) => queue('site.verify', uri, 'slow'));
    const cron = queue('site.cron', C);
    expect(look().began).toEqual([one, cron]);
    end(cron);
    end(one ?? 0);
    expect(look().began).toEqual([two]);
    end(two ?? 0, 'failed');
    expect(look().began).toEqual([three]);
  });

  it('that stops at a failure ends all that wait, some at a time; a retry in place of the failed one lets it go on', () => {
    insertBatch(small.db, { id: 'strict', atOnce: 1, stopOnFailure: true });
    const failing = queue('site.verify', A, 'strict');
    look();
    const rest = Array.from({ length: 60 }, () => queue('site.verify', B, 'strict'));
    end(failing, 'failed');
    const { began, looks } = look();
    expect(began).toEqual([]);
    expect(looks).toBe(3);
    expect(rest.map((id) => findTask(small.db, id)?.error?.code)).toEqual(rest.map(() => 'BATCH_STOPPED'));
    const args = { objectKind: 'site' as const, objectName: A, args: {}, secrets: {}, timeLimitS: 10 };
    const again = insertTask(small.db, { ...args, type: 'site.verify', batch: 'strict', retryOf: failing, attempt: 2 });
    expect(look().began).toEqual([again]);
    end(again);
    const after = queue('site.verify', B, 'strict');
    expect(look().began).toEqual([after]);
  });

  it('whose id only groups tasks holds none back', () => {
    const ids = [A, B, C].map((uri) => queue('site.verify', uri, 'together'));
    expect(look().began).toEqual(ids);
  });
});

describe('a task that waits', () => {
  it('and is cancelled does not begin, however many are', () => {
    const ids = Array.from({ length: 60 }, () => queue('site.verify', A));
    for (const id of ids) requestCancel(small.db, id);
    const last = queue('site.login', A);
    expect(look().began).toEqual([last]);
    expect(new Set(ids.map(stateOf))).toEqual(new Set(['cancelled']));
    expect(openTasks(small.db).map(({ id }) => id)).toEqual([last]);
  });

  it('gets the locks of the platform that its site has gone to meanwhile', () => {
    const [move, verify] = [queue('site.backup', A), queue('site.verify', A)];
    const two = queue('platform.verify', 'two');
    expect(look().began).toEqual([move, two]);
    const site = findSite(small.db, A);
    switchRelease(small.db, site?.id ?? 0, { number: 2, database: 'aeg1r2', platform: 'two' });
    end(move);
    expect(look().began).toEqual([]);
    end(two);
    expect(look().began).toEqual([verify]);
    expect(running.get(verify)).toContainEqual(expect.objectContaining({ name: 'platform:two', exclusive: false }));
  });

  it('keeps that platform for itself against what was queued later', () => {
    const [move, verify] = [queue('site.backup', A), queue('site.verify', A)];
    expect(look().began).toEqual([move]);
    const site = findSite(small.db, A);
    switchRelease(small.db, site?.id ?? 0, { number: 2, database: 'aeg1r2', platform: 'two' });
    const later = queue('platform.verify', 'two');
    expect(look().began).toEqual([]);
    end(move);
    expect(look().began).toEqual([verify]);
    end(verify);
    expect(look().began).toEqual([later]);
  });

  it('goes with its site when that is renamed, and is still behind what came before', () => {
    const [before, after] = [queue('site.backup', A), queue('site.verify', A)];
    expect(look().began).toEqual([before]);
    renameSite(small.db, A, { uri: 'new.example.org', aliases: [] });
    const other = queue('site.login', 'new.example.org');
    expect(look().began).toEqual([]);
    end(before);
    expect(look().began).toEqual([after]);
    end(after);
    expect(look().began).toEqual([other]);
  });

  it('fails when its object is gone, and keeps nobody from his turn', () => {
    const lost = queue('site.verify', A);
    removeSite(small.db, A);
    const other = queue('platform.verify', 'one');
    expect(look().began).toEqual([other]);
    expect(findTask(small.db, lost)).toMatchObject({ state: 'failed', error: { code: 'OBJECT_GONE' } });
  });
});

describe('what a look costs', () => {
  /** How many queries it asks. */
  function queriesOf(work: () => void): number {
    let count = 0;
    const { prepare } = small.db;
    small.db.prepare = ((sql: string) => {
      count += 1;
      return prepare.call(small.db, sql);
    }) as typeof prepare;
    work();
    small.db.prepare = prepare;
    return count;
  }

  it.each([
    ['behind a lock', undefined],
    ['in a batch', 'all'],
  ])('is the same for ten tasks that wait %s and for a thousand', (_where, batch) => {
    insertBatch(small.db, { id: 'all', atOnce: 1, stopOnFailure: true });
    const add = (count: number): void => {
      for (let number = 0; number < count; number += 1) queue('site.verify', A, batch);
      look();
    };
    add(10);
    const few = queriesOf(() => look());
    add(1000);
    expect(queriesOf(() => look())).toBe(few);
  });
});
