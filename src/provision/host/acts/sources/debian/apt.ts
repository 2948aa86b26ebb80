import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AegirError } from '../../../../model/errors.ts';
import type { CommandResult } from '../../../command-result.ts';
import type { ActOptions } from '../../../host.ts';
import { lastOutput, runCommand } from '../../../local/exec.ts';

/** apt with its own lists, cache and status: nothing is installed, and /etc/apt is only read. */
export interface Apt {
  /**
   * Fields of the newest version of packages, such as `Depends`, by name. Packages that the suite lacks are left out.
   */
  show(names: string[]): Promise<Map<string, Record<string, string>>>;
  /** Downloads packages and returns the path of each .deb file, by package name. */
  download(names: string[]): Promise<Map<string, string>>;
}

/**
 * Opens a suite of the machine's own Debian archive: the same address and key, so signatures are checked as
 * always. An empty suite means the machine's own. Throws `DEBIAN_MISSING`, `DEBIAN_UNREACHABLE`.
 */
export async function openSuite(cache: string, suite: string, live: ActOptions): Promise<Apt> {
  const archive = machineArchive();
  const wanted = suite || archive.suite;
  const folder = join(cache, 'debian', wanted);
  for (const part of ['lists/partial', 'cache/archives/partial', 'debs'])
    mkdirSync(join(folder, part), { recursive: true });
  const security = archive.security && !['sid', 'unstable', 'experimental'].includes(wanted);
  const main = `deb [signed-by=${archive.key}] ${archive.uri} ${wanted} main\n`;
  const list = join(folder, 'sources.list');
  const options = [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=/dev/null',
    'Dir::Etc::preferences=/dev/null',
    'Dir::Etc::preferencesparts=/dev/null',
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    'Dir::State::status=/dev/null',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    // Otherwise apt only warns about lists that it could not fetch, and every package would be unknown.
    'APT::Update::Error-Mode=any',
  ].flatMap((option) => ['-o', option]);
  const run = (file: string, args: string[], cwd = folder): Promise<CommandResult> =>
    runCommand({ file, args: [...options, ...args], cwd, timeoutMs: 600_000, ...live });

  writeFileSync(
    list,
    security ? `${main}deb [signed-by=${archive.key}] ${archive.security} ${wanted}-security main\n` : main,
  );
  let updated = await run('apt-get', ['-qq', 'update']);
  if (updated.code !== 0 && security && !updated.timedOut) {
    // Suites that are unreleased or no longer supported have no security part.
    writeFileSync(list, main);
    updated = await run('apt-get', ['-qq', 'update']);
  }
  if (updated.code !== 0) {
    throw new AegirError(
      'DEBIAN_UNREACHABLE',
      `no package lists of the suite ${wanted}: ${lastOutput(updated)}`,
      'Check the name of the suite and the network.',
      'from',
    );
  }
  return {
    async show(names) {
      // One call for all names: apt reads its lists again on each call.
      const stanzas: string[][] = [[]];
      const onLine = (_stream: string, line: string): void => {
        if (line === '') stanzas.push([]);
        else stanzas.at(-1)?.push(line);
      };
      await runCommand({
        file: 'apt-cache',
        args: [...options, 'show', '--no-all-versions', '--', ...names],
        cwd: folder,
        timeoutMs: 120_000,
        signal: live.signal,
        onLine,
      });
      const found = stanzas.map((lines) => fieldsIn(lines.join('\n'))).filter((fields) => fields.Package !== undefined);
      return new Map(found.map((fields) => [fields.Package ?? '', fields]));
    },
    async download(names) {
      const debs = join(folder, 'debs');
      const got = await run('apt-get', ['-q', 'download', '--', ...names], debs);
      if (got.code !== 0) throw downloadError(got);
      const files = readdirSync(debs).filter((file) => file.endsWith('.deb'));
      return new Map(names.map((name) => [name, join(debs, newest(files, name))]));
    },
  };
}

/** The Debian or Ubuntu archive that this machine uses: address, key, suite, security address. */
function machineArchive(): { uri: string; key: string; suite: string; security: string } {
  const entries = aptEntries();
  const suite = /^VERSION_CODENAME=(.+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
  const main = entries.find((entry) => entry.suites.includes(suite));
  if (!main) {
    throw new AegirError(
      'DEBIAN_MISSING',
      `this machine has no package source for ${suite}`,
      'The source debian: needs Debian or Ubuntu with its archive in /etc/apt.',
      'from',
    );
  }
  const security = entries.find((entry) => entry.suites.some((name) => name.endsWith('-security')));
  return { uri: main.uri, key: main.key, suite, security: security?.uri ?? '' };
}

interface AptEntry {
  uri: string;
  suites: string[];
  key: string;
}

/** Package sources in both formats (sources.list(5)): deb822 and one-line. */
function aptEntries(): AptEntry[] {
  const folder = '/etc/apt/sources.list.d';
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return [...files, '/etc/apt/sources.list']
    .filter((file) => existsSync(file))
    .flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return file.endsWith('.sources')
        ? text.split(/\n\s*\n/).flatMap(deb822Entry)
        : text.split('\n').flatMap(lineEntry);
    });
}

/** The archive keys of Debian and Ubuntu, for entries that name none. */
const defaultKey = (): string =>
  ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/ubuntu-archive-keyring.gpg'].find((file) =>
    existsSync(file),
  ) ?? '';

function deb822Entry(stanza: string): AptEntry[] {
  const fields = fieldsIn(stanza);
  if (!fields.URIs || !fields.Suites || !/\bdeb\b/.test(fields.Types ?? '')) return [];
  const key = fields['Signed-By']?.startsWith('/') ? fields['Signed-By'] : defaultKey();
  return [{ uri: fields.URIs.split(/\s+/)[0] ?? '', suites: fields.Suites.split(/\s+/), key }];
}

function lineEntry(line: string): AptEntry[] {
  const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/.exec(line.trim());
  if (!match) return [];
  const key = /signed-by=(\S+)/.exec(match[1] ?? '')?.[1] ?? defaultKey();
  return [{ uri: match[2] ?? '', suites: [match[3] ?? ''], key }];
}

function fieldsIn(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const match = /^([A-Za-z][A-Za-z-]*):\s*(.*)$/.exec(line);
    if (match?.[1]) fields[match[1]] ??= match[2]?.trim() ?? '';
  }
  return fields;
}

function newest(files: string[], name: string): string {
  const mine = files.filter((file) => file.startsWith(`${name}_`)).sort();
  const last = mine.at(-1);
  if (last) return last;
  throw new AegirError('DEBIAN_UNREACHABLE', `${name} could not be downloaded`, 'Check the network.', 'from');
}

function downloadError(result: CommandResult): AegirError {
  const output = lastOutput(result);
  if (/No space left/i.test(output))
    return new AegirError('DISK_FULL', `no space is left to download: ${output}`, 'Make room, then try again.');
  return new AegirError(
    'DEBIAN_UNREACHABLE',
    `a package could not be downloaded: ${output}`,
    'Check the network and try again.',
    'from',
  );
}
