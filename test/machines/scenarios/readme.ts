import { readFileSync } from 'node:fs';
import { checkOut, must, shell, visit } from '../commands.ts';
import { doctorIsContent, lookAt, nothingIsLeft } from '../left.ts';
import type { Machine } from '../machine.ts';
import type { Scenario } from '../scenario.ts';

/** Where README's `git clone … aegir` leads root. */
export const CHECKOUT = '/root/aegir';

/** The lines that README prints for a server, in words; a comment belongs to people. */
export function printedLines(): string[] {
  const blocks = readFileSync('README.md', 'utf8').split('```');
  const block = blocks.find((text) => /^sh\n/.test(text) && text.includes('setup --yes')) ?? '';
  const lines = block.split('\n').slice(1).filter(Boolean);
  if (lines.length < 5) throw new Error('README.md has no lines any more that begin with `setup --yes`');
  return lines;
}

/** Makes a machine a server with a platform `wp`, with README's first lines. */
export async function makeServer(machine: Machine): Promise<void> {
  await checkOut(machine, CHECKOUT);
  for (const line of printedLines().filter((one) => /setup|platform add/.test(one)))
    await shell(machine, line, { cwd: CHECKOUT, seconds: 1200 });
}

/** README's lines for a server, as they are printed. */
export const readme: Scenario = {
  name: 'readme',
  title: 'the commands of the README: setup, a platform, a site, its login',
  on: 'bare',
  async run({ machine, say }) {
    await checkOut(machine, CHECKOUT);
    const lines = printedLines();
    let before: string[] = [];
    for (const line of lines) {
      say(line);
      const said = await shell(machine, line, { cwd: CHECKOUT, seconds: 1200 });
      if (line.includes('platform add')) before = await lookAt(machine);
      if (line.startsWith('curl') && !said.includes('<title>Shop')) throw new Error(`\`${line}\` shows ${said}`);
      if (line.includes('site login')) await logIn(machine, said);
    }
    const { status } = await visit(machine, 'shop.example.test');
    if (status !== 0) throw new Error(`the deleted site still answers ${status}`);
    await nothingIsLeft(machine, before);
    await doctorIsContent(machine);
    return [`${lines.length} lines`];
  },
};

async function logIn(machine: Machine, said: string): Promise<void> {
  const [link] = /https?:\/\/\S+/.exec(said) ?? [];
  if (!link) throw new Error(`the login prints no link: ${said}`);
  await logInTo(machine, link);
}

/** Opens a link for a login, as a browser does, and must then be in the site's administration. */
export async function logInTo(machine: Machine, link: string): Promise<void> {
  const { hostname, port } = new URL(link);
  const at = port || '80';
  const browser = ['curl', '-sL', '-b', '', '--connect-to', `${hostname}:${at}:127.0.0.1:${at}`, '-o', '/dev/null'];
  const said = await must(machine, [...browser, '-w', '%{http_code} %{url_effective}', link]);
  if (!/^200 .*wp-admin/.test(said)) throw new Error(`the login link leads to ${said}`);
}
