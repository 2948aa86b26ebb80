import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { outerVariables } from './base.ts';
import { allProcesses, isBelow } from './processes.ts';

/** How a command in a machine is run. */
export interface RunOptions {
  /** Whose hands; root's unless said. */
  user?: string;
  cwd?: string;
  seconds?: number;
}

/** What a command has come to. `code` is null when it was killed, or did not end in time. */
export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A machine with an init system, a network and a disk of its own: a container of systemd-nspawn(1) in a folder. */
export class Machine {
  readonly path: string;
  readonly name: string;
  #boot: ChildProcess | undefined;
  #network: ChildProcess | undefined;

  constructor(path: string, name: string) {
    this.path = path;
    this.name = name;
  }

  /** Copies the file system of another machine, which must be down. */
  copyFrom(other: string): void {
    this.remove();
    copyTree(other, this.path);
    writeFileSync(join(this.path, 'etc/hostname'), `${this.name}\n`);
    writeFileSync(join(this.path, 'etc/hosts'), `127.0.0.1 localhost\n127.0.1.1 ${this.name}\n`);
    // It may be a link that leads out of the folder. slirp4netns(1) answers there and asks those who answer here.
    rmSync(join(this.path, 'etc/resolv.conf'), { force: true });
    writeFileSync(join(this.path, 'etc/resolv.conf'), 'nameserver 10.0.2.3\n');
  }

  /** Boots it and waits until its init system says that it is up. */
  async up(): Promise<void> {
    this.#boot = this.#spawn('boot', 'systemd-nspawn', nspawnWords(this.path, this.name));
    await this.#ready(undefined);
  }

  /** The number of its first process as seen from here; undefined while it is down. */
  pid(): number | undefined {
    const outer = this.#boot?.pid;
    return outer === undefined
      ? undefined
      : allProcesses().find(({ parent, numbers }) => parent === outer && numbers.length > 1 && numbers.at(-1) === 1)
          ?.pid;
  }

  /** Runs a command in it and waits for its end. */
  async run(words: string[], options: RunOptions = {}): Promise<Ran> {
    const pid = this.pid();
    if (pid === undefined) return { code: null, stdout: '', stderr: `${this.name} is down` };
    const enter = ['--target', String(pid), '--mount', '--uts', '--net', '--pid', '--ipc', '--root', '--wd=/', '--'];
    const child = spawn('nsenter', [...enter, ...inside(words, options)], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    const late = setTimeout(() => child.kill('SIGKILL'), (options.seconds ?? 600) * 1000);
    // Not "close": what a daemon that it has started holds open is no part of it.
    const code = await new Promise<number | null>((resolve) =>
      child.on('exit', resolve).on('error', () => resolve(null)),
    );
    clearTimeout(late);
    await pause(20);
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
    return { code, ...said };
  }

  /** The number here of a process that has another one in there. */
  outerPid(pid: number): number | undefined {
    const first = this.pid();
    if (first === undefined) return undefined;
    return allProcesses().find(
      ({ numbers }) => numbers.length > 1 && numbers.at(-1) === pid && isBelow(numbers[0] ?? 0, first),
    )?.pid;
  }

  /** Restarts it by its own `systemctl reboot`; the seconds until all of the old is gone. */
  async reboot(): Promise<number> {
    const before = this.pid();
    const begun = Date.now();
    await this.run(['systemctl', 'reboot'], { seconds: 200 });
    while (this.pid() === before && Date.now() - begun < 200_000) await pause(100);
    const seconds = (Date.now() - begun) / 1000;
    // Where no systemd runs out here, nspawn ends instead.
    if (await this.#gone(2)) await this.up();
    else await this.#ready(before);
    return seconds;
  }

  /** Ends all of it at once, as a power cut does. What was not yet written to the disk is there all the same. */
  async cut(): Promise<void> {
    const pid = this.pid();
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    if (!(await this.#gone(30))) this.#boot?.kill('SIGKILL');
    this.#network?.kill();
  }

  /** Powers it off in order. */
  async down(): Promise<void> {
    await this.run(['systemctl', 'poweroff'], { seconds: 60 });
    await this.#gone(120);
    await this.cut();
  }

  /** Keeps its disk as it is, for others to be copied from. It must be down. */
  keepAs(image: string): void {
    const making = `${this.path}.image`;
    copyTree(this.path, making);
    renameSync(making, image);
  }

  /** Takes its disk away. It must be down. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
    for (const name of ['boot', 'network']) rmSync(this.#log(name), { force: true });
  }

  /** Waits for its first process, another one than `before`, gives it a network, and waits until all is started. */
  async #ready(before: number | undefined): Promise<void> {
    const deadline = Date.now() + 300_000;
    let connected: number | undefined;
    while (Date.now() < deadline) {
      const pid = this.pid();
      if (pid !== undefined && pid !== before) {
        if (connected !== pid) this.#connect(pid);
        connected = pid;
        const { stdout } = await this.run(['systemctl', 'is-system-running'], { seconds: 20 });
        if (/^(running|degraded)$/m.test(stdout)) return;
      }
      await pause(100);
    }
    throw new Error(`${this.name} does not come up: ${readFileSync(this.#log('boot'), 'utf8').slice(-1000)}`);
  }

  #connect(pid: number): void {
    this.#network?.kill();
    this.#network = this.#spawn('network', 'slirp4netns', ['--configure', '--mtu=1500', String(pid), 'tap0']);
  }

  /**
   * Starts what runs beside us. It is killed by the kernel with us, however we end (prctl(2), PR_SET_PDEATHSIG), and a
   * ctrl-c at the terminal is for us alone.
   */
  #spawn(name: string, file: string, args: string[]): ChildProcess {
    const log = this.#log(name);
    appendFileSync(log, `${file} ${args.join(' ')}\n`);
    const output = openSync(log, 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', file, ...args], {
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, ...nspawnVariables() },
    });
    child.on('error', (error) => appendFileSync(log, `${error.message}\n`));
    closeSync(output);
    return child;
  }

  #log = (name: string): string => `${this.path}.${name}.log`;

  async #gone(seconds: number): Promise<boolean> {
    for (let waited = 0; waited < seconds * 1000; waited += 50) {
      if (this.#boot === undefined || this.#boot.exitCode !== null || this.#boot.signalCode !== null) return true;
      await pause(50);
    }
    return false;
  }
}

function copyTree(from: string, to: string): void {
  const copied = spawnSync('cp', ['-a', '--reflink=auto', '--', from, to], { encoding: 'utf8' });
  if (copied.status !== 0) throw new Error(`${to} could not be made: ${copied.stderr}`);
}

/** A command as a person would have it who has just logged in. */
function inside(words: string[], { user = 'root', cwd }: RunOptions): string[] {
  const home = user === 'root' ? '/root' : `/home/${user}`;
  const path = `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  const outer = Object.entries(outerVariables()).map(([name, value]) => `${name}=${value}`);
  const env = ['env', '-i', `--chdir=${cwd ?? home}`, `HOME=${home}`, `USER=${user}`, path, 'LANG=C.UTF-8', ...outer];
  const hands = user === 'root' ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups'];
  return [...hands, ...env, ...words];
}

function nspawnWords(path: string, name: string): string[] {
  const words = [
    '--quiet',
    `--directory=${path}`,
    `--machine=${name}`,
    '--boot',
    '--private-network',
    '--resolv-conf=off',
  ];
  // Where no systemd runs out here, none keeps a list of machines and of what they may use.
  const alone = existsSync('/run/systemd/system') ? [] : ['--register=no', '--keep-unit'];
  return [
    ...words,
    ...alone,
    ...(hasOldGroups()
      ? ['-E', `${OLD}=1`, '-E', `SYSTEMD_PROC_CMDLINE=systemd.unified_cgroup_hierarchy=0 ${OLD}=1`]
      : []),
  ];
}

/** systemd of Debian 13 runs on control groups of the first version only when it is told to (systemd(1)). */
const OLD = 'SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE';
const hasOldGroups = (): boolean => !existsSync('/sys/fs/cgroup/cgroup.controllers');
const nspawnVariables = (): Record<string, string> => (hasOldGroups() ? { UNIFIED_CGROUP_HIERARCHY: '0' } : {});
