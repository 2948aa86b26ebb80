import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { endTask, insertTask } from '../../src/db/task-changes.ts';
import { makeStrangeSite, strangeFolder } from '../matrix/strange.ts';
import { codes, INSTALL, MAIN, must, type World } from '../matrix/world.ts';
import { documentExamples, helpExamples } from '../support/examples.ts';
import { openStackRoot, type StackRoot } from '../support/inventory.ts';
import { copyOf } from '../support/platforms.ts';
import { program } from '../support/program.ts';
import { done, runTask } from '../support/run-task.ts';
import { type Stack, startStack } from '../support/stack.ts';

/** Apart, for a rule of the tests looks whether one says yes to setup; this one does not run it. */
const YES = '--yes';

/** Examples that are not run here, and why. What is new in help or docs is run, or stands here with its reason. */
const elsewhere: Record<string, string> = {
  aegir: 'the console: test/e2e/console*.test.ts open it on a terminal',
  'aegir setup': 'no test sets up the machine that it runs on',
  [`aegir setup ${YES}`]: 'no test sets up the machine that it runs on',
  'aegir setup --dry-run': 'its plan is that of the machine: test/setup shows it for one that stands in a folder',
  'aegir doctor': 'it looks at the machine: test/setup does so for one that stands in a folder',
  'aegir try': 'try.trial.test.ts makes one',
  'aegir try --name blog': 'try.trial.test.ts makes one',
  'aegir try --detach --json': 'try.trial.test.ts makes one',
  'aegir try --stop': 'try.trial.test.ts makes one',
  'aegir try --remove --yes': 'try.trial.test.ts makes one',
  'git clone … aegir && cd aegir': 'where it is cloned from is for the reader to know',
  'npm test': 'it is what runs this',
  'npm test -- fast': 'it is what runs this',
  'npm test -- trial': 'it is what runs this',
  'npm run machines': 'it makes machines of its own, in an hour',
  'git pull && npm run build': 'it needs a newer program; test/e2e/update.test.ts installs one',
  'npm run bench': 'it takes long, and measures',
  'npm run format': 'it writes the files of the checkout',
  'npm run screens': 'it writes the files of the checkout',
};

const SHOP = 'shop.example.org';
const BACKUP = `${SHOP}-20260801T030000Z-0a1b2c`;

let stack: Stack;
let root: StackRoot;
/** Where the shell stands. */
let here = '';

/** One example, in its turn: what must be so before it, beyond what those before it have left. */
type Turn = string | [line: string, prepare: () => Promise<void> | void];

/** In an order in which each finds what it names. */
const turns: Turn[] = [
  'aegir engine list --json',
  'aegir platform add wp --from debian:wordpress --wait',
  'aegir platform list',
  'aegir platform show wp',
  'aegir platform verify wp --wait',
  'aegir site install shop.example.test --platform wp --title Shop --admin-mail you@example.test --wait',
  `curl -s -H 'Host: shop.example.test' http://127.0.0.1/ | grep '<title>'`,
  'aegir site login shop.example.test',
  'aegir site list',
  'aegir site delete shop.example.test --confirm shop.example.test --wait',
  `aegir site install ${SHOP} --platform wp --admin-mail you@example.org --wait`,
  'aegir site list --json',
  `aegir site show ${SHOP}`,
  [`aegir site exec ${SHOP} -- wp plugin list`, putTool],
  `aegir site shell ${SHOP}`,
  [`aegir site db ${SHOP} < queries.sql`, () => writeFileSync(join(here, 'queries.sql'), 'SELECT 1;\n')],
  `aegir site edit ${SHOP} pool`,
  `aegir site verify ${SHOP} --wait`,
  `aegir site log ${SHOP} access --follow`,
  `aegir site login ${SHOP} --wait`,
  `aegir site backup ${SHOP} --wait`,
  [`aegir backup list ${SHOP}`, nameBackup],
  `aegir backup show ${BACKUP}`,
  `aegir backup check ${BACKUP}`,
  `aegir backup export ${BACKUP} shop.tar`,
  `aegir site restore ${SHOP} --backup ${BACKUP} --confirm ${SHOP} --wait`,
  `aegir backup delete ${BACKUP} --yes`,
  'aegir backup import shop.tar',
  'aegir backup rebuild --dry-run',
  'aegir backup inventory',
  'aegir backup inventory list',
  ['aegir backup inventory restore inventory-20260801T030000Z.sqlite --dry-run', nameCopy],
  `aegir site clone copy.example.org --source ${SHOP} --wait`,
  `aegir site cron ${SHOP} --wait`,
  `aegir site update ${SHOP} --wait`,
  `aegir site set ${SHOP} --backup-hours 24 --keep 7 --wait`,
  `aegir site alias ${SHOP} --add www.${SHOP} --wait`,
  `aegir site redirect ${SHOP} --to www.${SHOP} --wait`,
  `aegir site lock ${SHOP} --wait`,
  `aegir site unlock ${SHOP} --wait`,
  `aegir site disable ${SHOP} --yes --wait`,
  `aegir site enable ${SHOP} --wait`,
  ['aegir platform compare wp wp-2027', addNewer],
  'aegir platform migrate wp wp-2027 --dry-run',
  `aegir site migrate ${SHOP} --platform wp-2027 --yes --wait`,
  `aegir site back ${SHOP} --yes --wait`,
  `aegir site forget ${SHOP} --yes --wait`,
  'aegir platform migrate wp wp-2027 --yes --wait',
  `aegir site rename ${SHOP} --to store.example.org --yes --wait`,
  [`aegir site import ${SHOP} --from /var/www/html --platform wp --wait`, makeForeign],
  `aegir site delete ${SHOP} --confirm ${SHOP} --wait`,
  'aegir platform lock wp --wait',
  'aegir platform unlock wp --wait',
  ['aegir platform delete wp --confirm wp --wait', leaveWp],
  'aegir server list',
  'aegir server show server_master',
  'aegir server test',
  'aegir server verify --wait',
  'aegir server restart --service http --yes --wait',
  'aegir client add "Ann Example" --mail ann@example.org --max-sites 5',
  'aegir client list',
  'aegir client show "Ann Example"',
  'aegir client edit "Ann Example" --max-sites 10 --max-disk 5000',
  'aegir client remove "Ann Example"',
  'aegir task list --state failed --limit 20',
  'aegir task show 12',
  'aegir task log 12 --follow',
  ['aegir task cancel 12', () => state12(`state = 'queued', committed = 0, ended_at = NULL`)],
  ['aegir task retry 12 --wait', () => state12(`state = 'failed', ended_at = queued_at, cancel_requested_at = NULL`)],
  ['aegir task recover 12 --wait', () => state12(`state = 'warning', committed = 1, unfinished = 'could not finish'`)],
  'aegir tasks --watch',
  'aegir status --json',
  'aegir worker',
  'source <(aegir completion bash)',
];

/** What goes on until somebody ends it. */
const endless = /^aegir (?:worker|tasks --watch|site log .*--follow)$/;

const lineOf = (turn: Turn): string => (typeof turn === 'string' ? turn : turn[0]);

beforeAll(async () => {
  stack = await startStack();
  root = openStackRoot(stack);
  here = join(stack.root, 'here');
  mkdirSync(here);
  writeFileSync(join(here, 'aegir'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(join(here, 'aegir'), 0o755);
  // Examples name the twelfth task.
  for (let id = 1; id < 12; id += 1) {
    const task = { type: 'server.verify', objectKind: 'server' as const, objectName: 'server_master' };
    insertTask(root.inventory, { ...task, args: {}, secrets: {}, timeLimitS: 100 });
    endTask(root.inventory, id, { state: 'cancelled' });
  }
  expect(await runTask(root, 'server.verify', 'server_master')).toMatchObject({ ...done, id: 12 });
});

afterAll(async () => {
  root?.inventory.close();
  await stack?.stop();
});

it('every example of help, README and docs is run, or it is said why not', () => {
  const said = [...helpExamples(), ...documentExamples()].map(({ line }) => line);
  const known = [...turns.map(lineOf), ...Object.keys(elsewhere)];
  expect({
    new: [...new Set(said)].filter((line) => !known.includes(line)),
    gone: known.filter((line) => !said.includes(line)),
  }).toEqual({ new: [], gone: [] });
});

it.each(turns.map((turn) => [lineOf(turn), turn] as const))('%s', async (line, turn) => {
  if (typeof turn !== 'string') await turn[1]();
  expect(await run(line)).toEqual({ code: 0, trouble: '' });
});

/** Runs a line in a shell as it was printed; only addresses and folders are those of the test. */
async function run(printed: string): Promise<{ code: number | null; trouble: string }> {
  const line = printed
    .replace(/Host: ([a-z.]+)/, `Host: $1:${stack.port}`)
    .replace('127.0.0.1/', `127.0.0.1:${stack.port}/`)
    .replace('/var/www/html', strangeFolder(world()).from);
  const isEndless = endless.test(line);
  const env = { PATH: `${here}:${process.env.PATH}`, LANG: 'C.UTF-8', HOME: homedir() };
  const child = spawn('bash', ['-c', isEndless ? `exec ${line}` : line], {
    cwd: here,
    env: { ...env, EDITOR: 'true', AEGIR_ROOT: stack.root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (words) => (said += words));
  // ctrl-c once it has begun to speak.
  if (isEndless) child.stdout.once('data', () => child.kill('SIGINT'));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once('close', (...ended) => resolve(ended)),
  );
  const well = code === 0 || (isEndless && (signal === 'SIGINT' || code === 130));
  return { code: well ? 0 : code, trouble: well ? '' : said };
}

/** A tool of people in the code, as drush or wp is there by Composer. */
function putTool(): void {
  const bin = join(codeOf('wp'), 'vendor/bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'wp'), '#!/bin/sh\necho "$@"\n');
  chmodSync(join(bin, 'wp'), 0o755);
}

const codeOf = (name: string): string =>
  root.inventory.prepare<[string], string>('SELECT root FROM platform WHERE name = ?').pluck().get(name) ?? '';

/** Gives the newest backup the name that examples know. */
function nameBackup(): void {
  const [made = ''] = readdirSync(stack.paths.backups).filter((name) => name.startsWith(`${SHOP}-`));
  renameSync(join(stack.paths.backups, made), join(stack.paths.backups, BACKUP));
  root.inventory.prepare('UPDATE backup SET name = ? WHERE name = ?').run(BACKUP, made);
}

function nameCopy(): void {
  const folder = join(stack.paths.backups, 'inventory');
  const [made = ''] = readdirSync(folder);
  renameSync(join(folder, made), join(folder, 'inventory-20260801T030000Z.sqlite'));
}

async function addNewer(): Promise<void> {
  const tree = copyOf(stack.root, codeOf('wp'));
  expect(await runTask(root, 'platform.add', 'wp-2027', { from: `path:${tree}` })).toMatchObject(done);
}

/** The server of this test, as what makes a site of somebody else's wants it. */
const world = (): World => ({
  ...{ stack, root, code: codes[0] as World['code'], tree: codeOf('wp'), otherTree: codeOf('wp') },
  run: (type, object, args) => runTask(root, type, object, args),
  look: () => Promise.reject(new Error('nobody looks')),
  close: async () => {},
});

/** A site that somebody has installed by hand. */
async function makeForeign(): Promise<void> {
  await must(world(), 'site.install', MAIN, { ...INSTALL, platform: 'wp' });
  await makeStrangeSite(world());
  await must(world(), 'site.delete', MAIN);
}

/** Nothing goes back to it any more. */
async function leaveWp(): Promise<void> {
  for (const uri of ['copy.example.org', 'store.example.org']) await must(world(), 'site.forget', uri);
}

/** What somebody may do to task 12 depends on how it stands. */
function state12(change: string): void {
  root.inventory.exec(`UPDATE task SET ${change} WHERE id = 12`);
}
