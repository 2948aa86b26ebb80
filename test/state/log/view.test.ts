import { describe, expect, it } from 'vitest';
import {
  followLog,
  jumpToLine,
  keepInside,
  scrollLog,
  toggleFollow,
  toggleMark,
  topOf,
  turnFilter,
} from '../../../src/state/log/view.ts';
import { emptyLog } from '../../../src/state/model/log.ts';

const log = { first: 0, end: 100, last: 100, height: 10 };

describe('looking at a log', () => {
  it('follows its end until one scrolls up; what stands there then stays', () => {
    expect(topOf(emptyLog, log)).toBe(90);
    const up = scrollLog(emptyLog, -1, log);
    expect(up).toMatchObject({ cursor: 98, top: 90, seen: 100 });
    expect(topOf(up, { ...log, end: 130, last: 130 })).toBe(90);
    expect(followLog(up).cursor).toBeUndefined();
  });

  it('moves one line within the screen, more lines with the screen', () => {
    const up = scrollLog(emptyLog, -1, log);
    expect(scrollLog(up, -8, log)).toMatchObject({ cursor: 90, top: 82 });
    const edge = { ...up, cursor: 90 };
    expect(scrollLog(edge, -1, log)).toMatchObject({ cursor: 89, top: 89 });
    expect(scrollLog(emptyLog, -10, log)).toMatchObject({ cursor: 89, top: 80 });
    expect(scrollLog(emptyLog, -1000, log)).toMatchObject({ cursor: 0, top: 0 });
  });

  it('follows again when one moves down to the end', () => {
    const up = scrollLog(emptyLog, -5, log);
    expect(scrollLog(up, 5, log).cursor).toBeUndefined();
    expect(toggleFollow(emptyLog, log)).toMatchObject({ cursor: 99, top: 90 });
    expect(toggleFollow(up, log).cursor).toBeUndefined();
  });

  it('brings a line that was jumped to a third down, and moves nothing when it is in sight', () => {
    expect(jumpToLine(emptyLog, 50, { ...log, height: 12 })).toMatchObject({ top: 46, cursor: 50 });
    expect(jumpToLine(emptyLog, 1, { ...log, height: 12 })).toMatchObject({ top: 0, cursor: 1 });
    expect(jumpToLine(emptyLog, 95, log)).toMatchObject({ top: 90, cursor: 95 });
  });

  it('stays inside when the screen shrinks or lines are lost', () => {
    const up = { ...emptyLog, cursor: 98, top: 90 };
    expect(keepInside(up, { ...log, height: 4 })).toMatchObject({ cursor: 98, top: 95 });
    expect(keepInside({ ...up, cursor: 3, top: 0 }, { first: 40, end: 50, last: 50, height: 4 })).toMatchObject({
      cursor: 40,
      top: 40,
    });
  });

  it('turns from all lines to warnings, errors and back, from the line that keys act on', () => {
    const up = { ...emptyLog, cursor: 50, top: 45 };
    const warnings = turnFilter(up, 50);
    expect(warnings).toMatchObject({ filter: 'warnings', anchor: 50, cursor: 0, top: -5 });
    const all = turnFilter(turnFilter({ ...warnings, cursor: 2, top: 0 }, 61), 77);
    expect(all).toMatchObject({ filter: 'all', cursor: 77, top: 75 });
    expect(turnFilter(emptyLog, undefined)).toMatchObject({ filter: 'warnings', cursor: undefined });
  });

  it('marks lines and unmarks them', () => {
    const marked = toggleMark(toggleMark(emptyLog, 5), 9);
    expect([...toggleMark(marked, 5).marks]).toEqual([9]);
  });
});
