import { checkOut, must, shell, until } from '../commands.ts';
import type { Machine } from '../machine.ts';
import type { Scenario } from '../scenario.ts';
import { logInTo } from './readme.ts';

const PERSON = 'person';

/** README's trial, with nothing on the machine but Node and npm. */
export const tryOut: Scenario = {
  name: 'try',
  title: '`try` as an ordinary user with stock npm and no PHP, then `--stop` and `--remove`',
  on: 'bare',
  async run({ machine, say }) {
    await must(machine, ['useradd', '--create-home', '--shell', '/bin/bash', PERSON]);
    if ((await machine.run(['sh', '-c', 'command -v php'])).code === 0) throw new Error('this machine has PHP');
    const home = `/home/${PERSON}`;
    await checkOut(machine, `${home}/aegir`, PERSON);
    const as = (line: string): Promise<string> =>
      shell(machine, line, { user: PERSON, cwd: `${home}/aegir`, seconds: 1200 });
    say('npm start -- try');
    const { url, login } = JSON.parse(await as('npm start -s -- try --detach --json')) as {
      url: string;
      login: string;
    };
    await answers(machine, url, true);
    await logInTo(machine, login);
    await as('npm start -- try --stop');
    await answers(machine, url, false);
    // Once more, from what is there, as README has it.
    await as('npm start -s -- try --detach --json');
    await answers(machine, url, true);
    await as('npm start -- try --remove --yes');
    await answers(machine, url, false);
    const { stdout } = await machine.run(['ps', '-o', 'args=', '-u', PERSON]);
    if (stdout.trim()) throw new Error(`processes are left: ${stdout}`);
    const left = await must(machine, ['sh', '-c', `ls -Ad ${home}/.local/share/* /tmp/aeg* 2>/dev/null || true`]);
    if (left.trim()) throw new Error(`left behind: ${left}`);
    return [`npm ${(await must(machine, ['npm', '--version'])).trim()}`];
  },
};

async function answers(machine: Machine, url: string, wanted: boolean): Promise<void> {
  await until(`${url} ${wanted ? 'answers' : 'is gone'}`, 30, async () => {
    const { code } = await machine.run(['curl', '-sf', '-m', '30', '-o', '/dev/null', url]);
    return (code === 0) === wanted;
  });
}
