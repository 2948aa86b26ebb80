import { existsSync, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { open, readFile, statfs } from 'node:fs/promises';
import { request } from 'node:http';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { accountOf, accountOfUid } from './accounts.ts';
import { checkedAct } from './acts.ts';
import { TASK_VARIABLE } from './children.ts';
import { runCommand } from './exec.ts';
import type { ActOptions, FileFact, Host, PageAnswer, PageRequest } from './host.ts';
import type { Policy } from './policy.ts';
import type { RootActs, RootVerb } from './root-acts.ts';

/** This machine. */
export function localHost(policy: Policy): Host {
  const mark: Record<string, string> = policy.mark ? { [TASK_VARIABLE]: policy.mark } : {};
  return {
    name: hostname(),
    planning: false,
    readText: async (path, maxBytes) => readStart(path, maxBytes),
    stat: async (path) => factOf(path),
    list: async (path) => namesIn(path),
    account: async (user) => accountOf(user),
    accountOfUid: async (uid) => accountOfUid(uid),
    space: freeSpace,
    ask: (command) => runCommand({ ...command, env: { ...command.env, ...mark } }),
    fetch: fetchPage,
    async act<V extends RootVerb>(verb: V, args: RootActs[V]['args'], live: ActOptions = {}) {
      const checked = checkedAct(verb, args);
      return (await checked.act.run(checked.args, policy, live)) as RootActs[V]['result'];
    },
  };
}

async function readStart(path: string, maxBytes?: number): Promise<string | undefined> {
  try {
    if (maxBytes === undefined) return await readFile(path, 'utf8');
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function factOf(path: string): FileFact | undefined {
  let stats: Stats | undefined;
  try {
    stats = lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  if (!stats) return undefined;
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other';
  const { uid, gid, size, mtimeMs } = stats;
  const fact: FileFact = { kind, mode: stats.mode & 0o7777, uid, gid, size, modifiedMs: mtimeMs };
  return kind === 'link' ? { ...fact, target: readlinkSync(path) } : fact;
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function freeSpace(path: string): Promise<{ bytes: number; inodes: number }> {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize, ffree, files } = await statfs(folder);
  // Some file systems count no inodes (files is 0): there they cannot run out.
  return { bytes: bavail * bsize, inodes: files === 0 ? Number.MAX_SAFE_INTEGER : ffree };
}

function fetchPage({ address, port, host, path, timeoutMs }: PageRequest): Promise<PageAnswer> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve({ status: 0, body: error.message, location: undefined });
    const options = { host: address, port, path, timeout: timeoutMs, headers: { host, 'user-agent': 'aegir' } };
    const asking = request(options, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        if (body.length < 512 * 1024) body += chunk;
      });
      answer.on('error', failed);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body, location: answer.headers.location }));
    });
    asking.on('timeout', () => asking.destroy(new Error(`no answer within ${timeoutMs / 1000} seconds`)));
    asking.on('error', failed);
    asking.end();
  });
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
