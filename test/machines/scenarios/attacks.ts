import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aegir, aegirJson, lastWords, must, until, visit } from '../commands.ts';
import { newestTask, untilDone, untilEnded } from '../journal.ts';
import { doctorIsContent } from '../left.ts';
import type { Machine } from '../machine.ts';
import type { Scenario } from '../scenario.ts';
import { prepareTasks, SOURCE } from '../tasks.ts';
import { systemctl, WORKER, workerOf } from '../worker-faults.ts';
import { servicesOf } from './services.ts';

/** One site tries to harm all others by what the worker believes of its machine. */
export const attacks: Scenario = {
  name: 'attacks',
  title: 'a site that locks the worker’s lock file, and one that bears the mark of a worker’s children',
  on: 'server',
  async run({ machine }) {
    await prepareTasks(machine);
    const { handle } = await aegirJson<{ handle: string }>(machine, 'site', 'show', SOURCE);
    await lockTheWorkerOut(machine, handle);
    await bearTheMark(machine, handle);
    await doctorIsContent(machine);
    return ['a read lock', 'a mark of an earlier program', 'a true one'];
  },
};

/** Waits for a read lock on the bytes that SQLite locks to read (its "Pending Byte"), and keeps it. */
const LOCK = `
use Fcntl;
open(my $file, '<', '/var/aegir/worker.lock') or die "cannot open: $!\\n";
my $lock = pack('s s x4 q q l x4', F_RDLCK, 0, 0x40000002, 510, 0);
fcntl($file, F_SETLKW, $lock) or die "cannot lock: $!\\n";
sleep 600;`;

async function lockTheWorkerOut(machine: Machine, user: string): Promise<void> {
  const asSite = ['runuser', '-u', user, '--', 'perl', '-e', LOCK];
  const tried = await machine.run(asSite, { seconds: 5 });
  if (!tried.stderr.includes('cannot open')) throw new Error(`a site can open the worker's lock file: ${tried.stderr}`);
  // One that an earlier program has made can be read by all, and may be held already.
  await must(machine, ['chmod', '644', '/var/aegir/worker.lock']);
  const attacker = machine.run(asSite, { seconds: 300 });
  const waits = async (): Promise<boolean> => (await machine.run(['pgrep', '-u', user, 'perl'])).code === 0;
  await until('the attack begins', 10, waits);
  await systemctl(machine, 'restart', WORKER);
  const id = newestTask(machine) + 1;
  await aegir(machine, 'site', 'verify', SOURCE);
  await untilDone(machine, id);
  if (!(await waits())) throw new Error(`the attack has ended by itself: ${lastWords(await attacker)}`);
  const mode = (await must(machine, ['stat', '-c', '%a %U', '/var/aegir/worker.lock'])).trim();
  if (mode !== '600 root') throw new Error(`the worker's lock file is ${mode}`);
  await must(machine, ['pkill', '-u', user, 'perl']);
  await attacker;
}

/**
 * Pages of the site start processes that bear a mark in their environment, in the process group of all sites' PHP; then the
 * worker is killed in a task, and the next one looks for children of that. One mark is what an earlier program set, the
 * other that of the very run, which code of the site that runs in it can read.
 */
async function bearTheMark(machine: Machine, user: string): Promise<void> {
  const folder = `/var/aegir/sites/${user}/releases/1`;
  const stolen = `${folder}/tmp/mark`;
  const settings = join(machine.path, folder, 'settings/local.settings.php');
  const own = readFileSync(settings);
  writeFileSync(settings, attackOf(stolen));
  const masters = await mastersOf(machine);
  const id = newestTask(machine) + 1;
  await aegir(machine, 'site', 'cron', SOURCE);
  const isStolen = (): boolean =>
    existsSync(join(machine.path, stolen)) && statSync(join(machine.path, stolen)).size > 0;
  await until('code of a site runs in a task', 60, isStolen);
  for (const mark of ['/var/aegir#1', 'own']) {
    const { body } = await visit(machine, SOURCE, `/?mark=${encodeURIComponent(mark)}`);
    if (body !== 'borne') throw new Error(`the page of the attack shows ${body.slice(0, 300)}`);
  }
  writeFileSync(settings, own);
  const pid = await workerOf(machine);
  process.kill(pid, 'SIGKILL');
  // The next worker looks for the children of this one before it says what has come of the task.
  await untilEnded(machine, id);
  if ((await mastersOf(machine)) !== masters) throw new Error('PHP of all sites has ended');
  const { status } = await visit(machine, SOURCE);
  if (status !== 200) throw new Error(`${SOURCE} answers ${status}`);
  await machine.run(['pkill', '-u', user, 'sleep']);
  rmSync(join(machine.path, stolen));
}

const attackOf = (stolen: string): string => `<?php
if (PHP_SAPI === 'cli' && getenv('AEGIR_TASK')) {
    file_put_contents('${stolen}', getenv('AEGIR_TASK'));
    sleep(60);
}
if (($_GET['mark'] ?? '') !== '') {
    putenv('AEGIR_TASK=' . ($_GET['mark'] === 'own' ? file_get_contents('${stolen}') : $_GET['mark']));
    shell_exec('sleep 600 >/dev/null 2>&1 </dev/null &');
    exit('borne');
}
`;

async function mastersOf(machine: Machine): Promise<string> {
  const units = await servicesOf(machine);
  return must(machine, ['systemctl', 'show', '-p', 'Id,MainPID', ...units]);
}
