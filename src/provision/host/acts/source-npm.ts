import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { cleanText } from '../../clean-text.ts';
import { AegirError } from '../../errors.ts';
import { lastWords, runCommand } from '../exec.ts';
import type { ActOptions } from '../host.ts';
import { checkParents, checkPath, refuse } from '../policy.ts';
import { defineAct } from './act.ts';
import { tellGrowth } from './growth.ts';
import { checkEmptyFolder } from './source-tools.ts';

const packageName = z.string().regex(/^(@[a-z0-9._-]+\/)?[a-z0-9._-]+$/);
const version = z.string().regex(/^[0-9A-Za-z.+-]+$/);
/** A path in an archive or folder, without a way out. */
const inside = z.string().refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'leads out');

export const sourceNpm = defineAct('source.npm', {
  args: z.strictObject({ package: packageName, version, to: z.string() }),
  describe: (args) => `download ${args.package} ${args.version} by npm to ${args.to}`,
  async run({ package: name, version, to }, policy, live) {
    checkPath(policy, to);
    if (existsSync(to)) return;
    const folder = `${to}.part`;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    checkParents(policy, to);
    try {
      // npm itself knows the person's registry, proxy and certificates, and compares the sum that it announces.
      const pack = ['pack', `${name}@${version}`, '--pack-destination', folder];
      await tellGrowth([npmPart(), folder], live, () => npm(pack, live));
      renameSync(join(folder, readdirSync(folder)[0] ?? ''), to);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

export const sourceParts = defineAct('source.parts', {
  args: z.strictObject({
    archive: z.string().startsWith('/'),
    to: z.string(),
    parts: z.array(z.strictObject({ from: inside, to: inside, except: z.array(inside).optional() })).min(1),
  }),
  describe: ({ archive, to, parts }) => `take ${parts.map(({ from }) => from).join(', ')} of ${archive} into ${to}`,
  async run({ archive, to, parts }, policy, live) {
    checkEmptyFolder(policy, to);
    const { list } = await import('tar');
    const found = new Set<string>();
    const zips: { part: (typeof parts)[number]; data: Promise<Buffer> }[] = [];
    const writes: Promise<void>[] = [];
    await list({
      file: archive,
      strict: true,
      onReadEntry(entry) {
        // npm puts everything below one folder.
        const path = entry.path.replace(/^[^/]+\//, '');
        const part = parts.find(({ from }) => from === '' || path === from || path.startsWith(`${from}/`));
        if (!part || entry.type !== 'File') return entry.resume();
        found.add(part.from);
        if (path === part.from) zips.push({ part, data: entry.concat() as Promise<Buffer> });
        else writes.push(writeEntry(to, part, relative(part.from, path), entry.concat() as Promise<Buffer>));
      },
    });
    await Promise.all(writes);
    for (const { part, data } of zips) await unzip(to, part, await data, live.signal);
    const missing = parts.find(({ from }) => !found.has(from));
    if (missing) {
      throw new AegirError('UNPACK_FAILED', `${archive} holds no ${missing.from}`, 'Another version may.', 'from');
    }
  },
});

type Part = { from: string; to: string; except?: string[] | undefined };

async function writeEntry(to: string, part: Part, path: string, data: Promise<Buffer>): Promise<void> {
  write(to, part, path, await data);
}

/** A zip in the archive; a single folder that holds all of it is left out, as tools that pack a repository make one. */
async function unzip(to: string, part: Part, data: Buffer, signal: AbortSignal | undefined): Promise<void> {
  const { unzipSync } = await import('fflate');
  const entries = Object.entries(unzipSync(data)).filter(([name]) => !name.endsWith('/'));
  const [top] = new Set(entries.map(([name]) => name.split('/')[0]));
  const wrapped = entries.every(([name]) => name.startsWith(`${top}/`));
  for (const [name, content] of entries) {
    signal?.throwIfAborted();
    write(to, part, wrapped ? name.slice(name.indexOf('/') + 1) : name, content);
  }
}

function write(to: string, part: Part, path: string, content: Uint8Array): void {
  if (part.except?.includes(path)) return;
  if (!inside.safeParse(path).success) refuse(`the archive holds ${path}`);
  const file = join(to, part.to, path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, content, { mode: 0o644 });
}

/** The packages of PHP in WebAssembly, of one branch. Others would be installed with it, so they are replaced by nothing. */
export const wasmInstall = defineAct('wasm.install', {
  args: z.strictObject({ to: z.string(), branch: z.string().regex(/^\d\.\d$/), version }),
  describe: ({ to, branch }) => `install PHP ${branch} in WebAssembly into ${to}`,
  async run({ to, branch, version }, policy, live) {
    checkPath(policy, to);
    checkParents(policy, to);
    if (existsSync(join(to, 'installed'))) return;
    const name = (one: string): string => `@php-wasm/node-${one.replace('.', '-')}`;
    const listed = JSON.parse(
      (await npm(['view', `@php-wasm/node@${version}`, 'dependencies', '--json'], { ...live, onLine: () => {} })) ||
        '{}',
    );
    const others = Object.keys(listed).filter((one) => /^@php-wasm\/node-\d/.test(one) && one !== name(branch));
    rmSync(to, { recursive: true, force: true });
    mkdirSync(join(to, 'nothing'), { recursive: true, mode: 0o700 });
    writeFileSync(join(to, 'nothing/package.json'), JSON.stringify({ name: 'nothing', version }));
    const document = {
      private: true,
      dependencies: { '@php-wasm/node': version, [name(branch)]: version },
      overrides: Object.fromEntries(others.map((one) => [one, 'file:./nothing'])),
    };
    writeFileSync(join(to, 'package.json'), JSON.stringify(document, null, 2));
    await tellGrowth([npmPart(), to], live, () =>
      npm(['install', '--ignore-scripts', '--no-audit', '--no-fund'], live, to),
    );
    writeFileSync(join(to, 'installed'), `${version}\n`);
  },
});

/** Where npm keeps what it has not got whole yet; where it was told otherwise by a file, no progress is seen. */
const npmPart = (): string => join(process.env.npm_config_cache ?? join(homedir(), '.npm'), '_cacache/tmp');

/** Runs npm as the person has set it up, and gives what it printed. Throws `COMMAND_MISSING`, `DOWNLOAD_FAILED`. */
async function npm(args: string[], live: ActOptions, cwd = '/'): Promise<string> {
  const own = Object.entries(process.env).filter(([name]) =>
    /^(PATH|HOME|https?_proxy|no_proxy|npm_config_.*)$/i.test(name),
  );
  const env = Object.fromEntries(own.map(([name, value]) => [name, value ?? '']));
  // Left to itself npm waits a minute and more before it says that there is no network.
  const soon = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=4000'];
  const options = ['--loglevel=error', '--no-update-notifier', ...soon];
  const result = await runCommand({ file: 'npm', args: [...args, ...options], cwd, env, timeoutMs: 600_000, ...live });
  if (result.code === 0) return result.stdout;
  if (result.code === -1) throw new AegirError('COMMAND_MISSING', 'this machine has no npm', 'It comes with Node.');
  const why = firstWords(result.stderr) || lastWords(result);
  if (/\bENOSPC\b/.test(why)) {
    throw new AegirError('DISK_FULL', `npm ${args[0]} found no space left: ${why}`, 'Make room, then try again.');
  }
  throw new AegirError('DOWNLOAD_FAILED', `npm ${args[0]}: ${why}`, 'Check the network.', 'from');
}

/** What npm says is wrong. It ends with where it keeps its own log, which helps nobody here. */
function firstWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => /^npm (?:error|ERR!) ?(.*)/.exec(line)?.[1]?.trim() ?? '');
  const end = lines.findIndex((line) => /^(A complete log|Log files were not|You can rerun)/.test(line));
  const said = (end === -1 ? lines : lines.slice(0, end)).filter((line) => line !== '');
  return said.slice(0, 3).map(cleanText).join(' / ');
}
