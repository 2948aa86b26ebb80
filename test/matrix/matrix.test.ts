import { describe, expect, it } from 'vitest';
import type { Call } from './calls.ts';
import { untried } from './entries.ts';
import { judge } from './judge.ts';
import { faultNames, trialsOf } from './matrix.ts';
import { pick } from './sample.ts';

describe('the crash matrix', () => {
  it('tries every task: say in test/matrix/entries.ts how a new one is tried', () => {
    expect(untried()).toEqual([]);
  });

  it('kills a task before each of its calls and after the last, and draws the same ones for the same seed', () => {
    const call = (step: string, what: string): Call => ({ key: `${step}/${what}#1`, step, what, args: {}, ms: 1 });
    const calls = [call('apply:home', 'folder.make'), call('commit:record', 'inventory.transaction')];
    const choice = {
      tasks: [],
      faults: ['kill'],
      sample: undefined,
      seed: 1,
      shard: [0, 1] satisfies [number, number],
    };
    const moments = trialsOf(calls, undefined, false, choice).map(({ moment }) => moment);
    expect(moments).toEqual([
      'before apply:home/folder.make#1',
      'before commit:record/inventory.transaction#1',
      'after commit:record/inventory.transaction#1',
    ]);
    expect(pick(moments, 2, 'a')).toEqual(pick(moments, 2, 'a'));
    expect(pick(moments, 2, 'a')).toHaveLength(2);
    expect(faultNames).toContain('kill in undo');
  });

  it('calls a world broken, or with something left over, as it is', () => {
    const old = new Map([['user a', '1']]);
    const fresh = new Map([['user a', '2']]);
    const failed = { state: 'failed', unfinished: null, error: null } as never;
    const done = { state: 'succeeded', unfinished: null, error: null } as never;
    expect(judge(failed, old, fresh, old).verdict).toBe('old');
    expect(judge(done, old, fresh, fresh).verdict).toBe('new');
    expect(judge(done, old, fresh, old).verdict).toBe('BROKEN');
    expect(judge(failed, old, fresh, new Map()).verdict).toBe('BROKEN');
    expect(judge(failed, old, fresh, new Map([...old, ['user b', '3']])).verdict).toBe('left over');
    expect(judge({ state: 'failed', unfinished: 'why', error: null } as never, old, fresh, old).verdict).toBe('BROKEN');
  });
});
