import { checkOut, lastWords, must } from '../commands.ts';
import type { Machine } from '../machine.ts';
import type { Scenario } from '../scenario.ts';

const FOLDER = '/root/aegir';

/** README's `npm test`, as root on a machine that was just installed. It says itself what it has left; we look as well. */
export const tests: Scenario = {
  name: 'tests',
  title: '`npm test` as root, whole, and nothing of it is left',
  on: 'bare',
  async run({ machine, say }) {
    await checkOut(machine, FOLDER);
    const before = await traces(machine);
    say('npm test (half an hour and more)');
    const ran = await machine.run(['npm', 'test'], { cwd: FOLDER, seconds: 2 * 3600 });
    const [, counts] = /^(\d+ passed, \d+ failed, \d+ skipped)$/m.exec(ran.stdout) ?? [];
    if (ran.code !== 0 || !counts) throw new Error(`npm test ended with ${ran.code}: ${lastWords(ran)}`);
    const own = /^left behind:\n((?: .*\n)*)/m.exec(ran.stdout)?.[1];
    if (own) throw new Error(`it says that it has left behind: ${own}`);
    const left = (await traces(machine)).filter((line) => !before.includes(line));
    if (left.length > 0) throw new Error(`left behind: ${left.join('; ')}`);
    return [counts];
  },
};

/** What a run may not leave: files where all may write and in its home, accounts, services that run, processes. */
async function traces(machine: Machine): Promise<string[]> {
  const look = `
find /tmp /var/tmp /dev/shm -mindepth 1 -maxdepth 1 ! -name 'systemd-private-*'
find /root -mindepth 1 -maxdepth 1
ls -d /var/aegir /etc/aegir /var/log/aegir /run/aegir 2>/dev/null
cut -d: -f1 /etc/passwd /etc/group | grep -E '^(aeg|t[0-9])'
systemctl list-units --plain --no-legend --state=running --type=service | cut -d' ' -f1
ps -eo comm= | grep -E '^(nginx|php|mariadbd|node|sleep)'
true`;
  const found = await must(machine, ['sh', '-c', look]);
  // npm(1) keeps what it has fetched, as for everybody.
  return [...new Set(found.split('\n'))].filter((line) => line && !/^\/root\/\.npm$/.test(line));
}
