import { basename, dirname } from 'node:path';
import { checkedAct } from './acts.ts';
import type { CommandResult, FileFact, Host } from './host.ts';
import type { RootActs, RootVerb } from './root-acts.ts';

/** One act that would be done: its document, a line for people, and for a file the lines that would change. */
export interface PlannedAct {
  verb: RootVerb;
  args: Record<string, unknown>;
  text: string;
  /** Lines that begin with `+` or `-`; empty for what is no file, or does not change. */
  diff: string[];
}

/** A host that performs nothing: what was recorded, in order. */
export interface PlanningHost extends Host {
  planned(): PlannedAct[];
}

/**
 * A host that reads for real and records acts instead of performing them. What was planned before is there
 * for later reads: a file that was planned reads as planned, a folder that was planned exists.
 */
export function planHost(real: Host): PlanningHost {
  const acts: PlannedAct[] = [];
  /** Text of planned files; null for what was planned to be removed. */
  const texts = new Map<string, string | null>();
  const folders = new Set<string>();
  const users = new Map<string, number>();

  const readText = async (path: string, maxBytes?: number): Promise<string | undefined> => {
    const planned = texts.get(path);
    return planned === undefined ? real.readText(path, maxBytes) : (planned ?? undefined);
  };

  return {
    ...real,
    planning: true,
    readText,
    async stat(path) {
      if (texts.get(path) === null) return undefined;
      if (folders.has(path)) return fact('folder', 0);
      const text = texts.get(path);
      return text === undefined || text === null ? real.stat(path) : fact('file', text.length);
    },
    async list(path) {
      const planned = [...texts.keys(), ...folders]
        .filter((entry) => dirname(entry) === path)
        .map((entry) => basename(entry));
      return [...new Set([...(await real.list(path)), ...planned])].sort();
    },
    async account(user) {
      const uid = users.get(user);
      return uid === undefined ? real.account(user) : { uid, gid: uid, home: '' };
    },
    async act<V extends RootVerb>(verb: V, given: RootActs[V]['args']) {
      const { act, args } = checkedAct(verb, given);
      const document = { ...args } as Record<string, unknown>;
      // Reading is not changing.
      if (verb === 'db.list') return real.act(verb, args);
      const path = String(document.path ?? '');
      const before = verb === 'file.write' ? await readText(path) : undefined;
      const diff = verb === 'file.write' ? lineDiff(before ?? '', String(document.text)) : [];
      if (verb === 'file.write') texts.set(path, String(document.text));
      if (verb === 'file.remove' || verb === 'tree.remove' || verb === 'link.remove') texts.set(path, null);
      if (verb === 'folder.make') folders.add(path);
      if (verb === 'user.add') users.set(String(document.user), Number(document.uid));
      if (verb !== 'file.write' || before === undefined || diff.length > 0) {
        acts.push({ verb, args: document, text: act.describe(args), diff });
      }
      return plannedResult(verb) as RootActs[V]['result'];
    },
    fetch: async () => ({ status: 200, body: '', location: undefined }),
    planned: () => acts,
  };
}

/**
 * Lines that differ between two texts, in order, by the longest common subsequence.
 * Generated files are short (some hundred lines), so the quadratic table is cheap.
 */
export function lineDiff(before: string, after: string): string[] {
  const old = before === '' ? [] : before.split('\n');
  const young = after === '' ? [] : after.split('\n');
  const common: number[][] = Array.from({ length: old.length + 1 }, () => new Array<number>(young.length + 1).fill(0));
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0;
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = young.length - 1; column >= 0; column -= 1) {
      const same = old[row] === young[column];
      (common[row] ?? [])[column] = same
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: string[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < young.length) {
    if (row < old.length && column < young.length && old[row] === young[column]) {
      row += 1;
      column += 1;
    } else if (column >= young.length || (row < old.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push(`-${old[row]}`);
      row += 1;
    } else {
      lines.push(`+${young[column]}`);
      column += 1;
    }
  }
  return lines;
}

function plannedResult(verb: RootVerb): unknown {
  const ran: CommandResult = { code: 0, signal: undefined, stdout: '', stderr: '', timedOut: false };
  const results: Partial<Record<RootVerb, unknown>> = {
    'user.run': ran,
    'folder.make': { made: true },
    'file.write': { changed: true },
    'file.remove': { removed: true },
    'link.make': { changed: true },
    'link.remove': { removed: true },
    'tree.remove': { removed: true },
    'db.drop': { dropped: true },
    'db.account.remove': { dropped: true },
  };
  return results[verb];
}

const fact = (kind: FileFact['kind'], size: number): FileFact => ({
  kind,
  mode: 0o755,
  uid: 0,
  gid: 0,
  size,
  modifiedMs: 0,
});
