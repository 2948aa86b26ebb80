import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { switchRelease } from '../../src/db/releases.ts';
import { findSite, updateSite } from '../../src/db/sites.ts';
import { endTask, insertTask } from '../../src/db/task-changes.ts';
import type { ObjectKind } from '../../src/db/tasks.ts';
import { describeError } from '../../src/provision/model/errors.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { sourceRefusal } from '../../src/provision/tasks/checks/availability.ts';
import type { Refusal } from '../../src/provision/tasks/model/records.ts';
import { refusalOf } from '../../src/worker/availability.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { recordsOf } from '../../src/worker/records.ts';
import { type OpenStore, openStore } from '../support/open-store.ts';

const URI = 'shop.example.test';
const PLATFORM = 'spare';

/** Arguments that each task wants at least, and that the inventory does not contradict. */
const least: Record<string, Record<string, string>> = {
  'site.restore': { backup: 'shop.example.test-20261123T030000Z-1b2c3d' },
  'site.migrate': { platform: 'drupal-10.6' },
  'site.rename': { to: 'other.example.test' },
  'site.lock': { reason: 'why' },
  'platform.lock': { reason: 'why' },
};

/** A state of an object: how it comes to it, and with which code each task is refused; '' where it is possible. */
interface State {
  make(open: OpenStore): void;
  /** Of all tasks that are not named in `but`. */
  all: string;
  but?: Record<string, string>;
}

const queue = ({ seeded }: OpenStore, type: string, objectKind: ObjectKind, objectName: string): number =>
  insertTask(seeded.db, { type, objectKind, objectName, args: {}, secrets: {}, timeLimitS: 9 });
const unlocked = { 'site.unlock': 'SITE_UNLOCKED' };
const shown = { 'site.enable': 'SITE_ENABLED' };
const nothingKept = { 'site.back': 'NOTHING_KEPT', 'site.forget': 'NOTHING_KEPT' };

const siteStates: Record<string, State> = {
  whole: { make: () => {}, all: '', but: { ...unlocked, ...shown, ...nothingKept } },
  // A damaged one can be mended.
  failed: {
    make: ({ seeded }) => updateSite(seeded.db, URI, { state: 'failed' }),
    ...{ all: '', but: { ...unlocked, ...shown, ...nothingKept } },
  },
  installing: {
    make: (open) => {
      updateSite(open.seeded.db, URI, { state: 'installing' });
      queue(open, 'site.install', 'site', URI);
    },
    ...{ all: 'SITE_INSTALLING', but: unlocked },
  },
  'left half-made': {
    make: ({ seeded }) => updateSite(seeded.db, URI, { state: 'installing' }),
    ...{ all: 'SITE_INSTALLING', but: { ...unlocked, 'site.delete': '' } },
  },
  deleting: {
    make: (open) => void queue(open, 'site.delete', 'site', URI),
    ...{ all: 'SITE_DELETING', but: unlocked },
  },
  locked: {
    make: ({ seeded }) => updateSite(seeded.db, URI, { lockReason: 'under audit' }),
    all: 'SITE_LOCKED',
    but: { 'site.unlock': '', 'site.backup': '', 'site.forget': 'NOTHING_KEPT' },
  },
  disabled: {
    make: ({ seeded }) => updateSite(seeded.db, URI, { state: 'disabled', web: { serving: 'disabled' } }),
    all: '',
    but: {
      ...{ ...unlocked, ...nothingKept },
      ...{ 'site.login': 'SITE_DISABLED', 'site.disable': 'SITE_DISABLED', 'site.cron': 'SITE_DISABLED' },
    },
  },
  unfinished: {
    make: (open) => endTask(open.seeded.db, queue(open, 'site.verify', 'site', URI), unfinished),
    all: 'OBJECT_LOCKED',
    but: { ...unlocked, ...shown, ...nothingKept, 'site.delete': '' },
  },
  'with a release to go back to': {
    make({ seeded }) {
      const site = findSite(seeded.db, URI);
      const release = { number: 2, database: 'another', platform: site?.platform ?? '' };
      switchRelease(seeded.db, site?.id ?? 0, release, '2099-01-01T00:00:00.000Z');
    },
    ...{ all: '', but: { ...unlocked, ...shown } },
  },
  'asked the same before': {
    make(open) {
      for (const type of typesOf('site').filter((one) => one !== 'site.delete')) queue(open, type, 'site', URI);
    },
    all: 'TASK_DUPLICATE',
    but: { ...unlocked, ...shown, ...nothingKept, 'site.delete': '' },
  },
};

const unfinished = { state: 'failed', unfinished: 'could not be undone' } as const;
const platformUnlocked = { 'platform.unlock': 'PLATFORM_UNLOCKED' };
const setPlatform = (change: Parameters<typeof updatePlatform>[2]) => ({
  make: ({ seeded }: OpenStore): void => updatePlatform(seeded.db, PLATFORM, change),
});

const platformStates: Record<string, State> = {
  whole: { make: () => {}, all: '', but: platformUnlocked },
  failed: { ...setPlatform({ state: 'failed' }), all: '', but: platformUnlocked },
  'being added': { ...setPlatform({ state: 'adding' }), all: 'PLATFORM_ADDING', but: platformUnlocked },
  deleting: {
    make: (open) => void queue(open, 'platform.delete', 'platform', PLATFORM),
    ...{ all: 'PLATFORM_DELETING', but: platformUnlocked },
  },
  locked: { ...setPlatform({ lockReason: 'old' }), all: 'PLATFORM_LOCKED', but: { 'platform.unlock': '' } },
  'with sites': {
    make: ({ seeded }) => moveTo(seeded, undefined),
    ...{ all: '', but: { ...platformUnlocked, 'platform.delete': 'PLATFORM_IN_USE' } },
  },
  'that a site can go back to': {
    make: ({ seeded }) => moveTo(seeded, '2099-01-01T00:00:00.000Z'),
    ...{ all: '', but: { ...platformUnlocked, 'platform.delete': 'PLATFORM_IN_USE' } },
  },
  unfinished: {
    make: (open) => endTask(open.seeded.db, queue(open, 'platform.verify', 'platform', PLATFORM), unfinished),
    ...{ all: 'OBJECT_LOCKED', but: platformUnlocked },
  },
  'asked the same before': {
    make(open) {
      queue(open, 'platform.verify', 'platform', PLATFORM);
      queue(open, 'platform.lock', 'platform', PLATFORM);
    },
    ...{
      all: '',
      but: { ...platformUnlocked, 'platform.verify': 'TASK_DUPLICATE', 'platform.lock': 'TASK_DUPLICATE' },
    },
  },
};

/** Moves the site to the platform, or from it again so that it can go back there until a time. */
function moveTo({ db }: OpenStore['seeded'], keptUntil: string | undefined): void {
  const site = findSite(db, URI);
  const to = (number: number, platform: string, until?: string): void =>
    switchRelease(db, site?.id ?? 0, { number, database: `other${number}`, platform }, until);
  to(2, PLATFORM);
  if (keptUntil !== undefined) to(3, site?.platform ?? '', keptUntil);
}

function typesOf(kind: ObjectKind): string[] {
  return standardProgram.tasks.list
    .filter(({ object, creates }) => object === kind && !creates)
    .map(({ type }) => type);
}

/** What the console says when a task is asked for by its command on the page of its object. */
function saidBy({ store, press }: OpenStore, type: string, reason: string): boolean {
  const { title } = { title: '', ...store.getState().catalogue?.definitions.find((one) => one.type === type) };
  press(':');
  store.paste(type.replace('.', '-'));
  press('enter');
  const { notice, dialogs } = store.getState();
  return (
    dialogs.length === 0 &&
    notice?.text.toLowerCase().endsWith(`${title.toLowerCase()}: ${reason.toLowerCase()}`) === true
  );
}

function queueNow({ seeded }: OpenStore, type: string, object: string): Refusal | undefined {
  const { db: inventory, paths } = seeded;
  const actor = { actor: 'root', sudoUser: null, sshClient: null };
  try {
    queueTask(
      { inventory, paths, program: standardProgram, actor, readOnly: false },
      { type, object, args: least[type] ?? {} },
    );
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}

const seenCodes = new Set<string>();

/** All tasks on an object in a state: each is refused as the table says, by console and queue with the same words. */
async function lookAt(kind: 'site' | 'platform', { make, all, but = {} }: State): Promise<string[]> {
  const open = await openStore({}, 6);
  const { db } = open.seeded;
  for (const [name, engine] of [
    [PLATFORM, 'spip'],
    ['drupal-10.6', 'drupal'],
  ] as const) {
    insertPlatform(db, { name, server: 'server_master', root: `/srv/${name}`, source: '', managed: false });
    updatePlatform(db, name, { state: 'ready', engine, version: '10.6', profiles: [] }, true);
  }
  make(open);
  const object = kind === 'site' ? URI : PLATFORM;
  open.press('ctrl-r', ':');
  open.store.paste(`${kind} ${object}`);
  open.press('enter');
  const wrong: string[] = [];
  for (const type of typesOf(kind)) {
    const wanted = but[type] ?? all;
    const refusal = refusalOf(
      { inventory: db, paths: open.seeded.paths, program: standardProgram },
      type,
      kind,
      object,
    );
    if ((refusal?.code ?? '') !== wanted) wrong.push(`${type}: ${refusal?.code ?? 'possible'} instead of ${wanted}`);
    if (!refusal) continue;
    seenCodes.add(refusal.code);
    const reason = `${refusal.message}. ${refusal.hint}`;
    if (!saidBy(open, type, reason)) wrong.push(`${type}: the console says ${open.store.getState().notice?.text}`);
    const { code, message } = queueNow(open, type, object) ?? { code: 'queued', message: '' };
    if (code !== refusal.code || message !== refusal.message) wrong.push(`${type}: the queue says ${code} ${message}`);
  }
  // Last: what is possible is queued, which changes the state.
  for (const type of typesOf(kind)
    .filter((one) => (but[one] ?? all) === '')
    .slice(0, 1)) {
    const refused = queueNow(open, type, object);
    if (refused) wrong.push(`${type}: the queue refuses it, ${refused.code} ${refused.message}`);
  }
  return wrong;
}

describe('what cannot be done now', () => {
  it.each(Object.entries(siteStates))('is said alike by console and queue: a site that is %s', async (_name, state) => {
    expect(await lookAt('site', state)).toEqual([]);
  });

  it.each(Object.entries(platformStates))(
    'is said alike by console and queue: a platform that is %s',
    async (_name, state) => {
      expect(await lookAt('platform', state)).toEqual([]);
    },
  );

  it('holds for what a new site is made on and of', async () => {
    const open = await openStore({}, 6);
    const { db } = open.seeded;
    const install = { title: '', adminMail: 'a@example.test', platform: 'spip-4.4' };
    least['site.install'] = install;
    least['site.clone'] = { source: URI };
    const refused = (type: string, code: string): void => {
      const refusal = queueNow(open, type, 'brand-new.example.test');
      expect(refusal?.code).toBe(code);
      seenCodes.add(code);
    };
    updatePlatform(db, 'spip-4.4', { state: 'failed' });
    refused('site.install', 'PLATFORM_FAILED');
    updatePlatform(db, 'spip-4.4', { state: 'ready', lockReason: 'old' });
    refused('site.install', 'PLATFORM_LOCKED');
    updateSite(db, URI, { state: 'installing' });
    refused('site.clone', 'SITE_INSTALLING');
    expect(
      sourceRefusal(
        { ...siteOf(open), state: 'enabled', lockReason: 'held' },
        recordsOf({ inventory: db, paths: open.seeded.paths }),
      ),
    ).toBeUndefined();
  });

  it('names what is not there', async () => {
    const open = await openStore({}, 6);
    expect(queueNow(open, 'site.verify', 'gone.example.test')?.code).toBe('NO_SUCH_OBJECT');
    expect(queueNow(open, 'platform.verify', 'gone')?.code).toBe('NO_SUCH_OBJECT');
    expect(queueNow(open, 'server.verify', 'gone')?.code).toBe('NO_SUCH_OBJECT');
    seenCodes.add('NO_SUCH_OBJECT');
  });

  it('leaves no code of the table of rules unseen', () => {
    const files = ['src/worker/availability.ts', 'src/worker/records.ts', ...globSync('src/provision/tasks/**/*.ts')];
    const codes = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\brefuse\(\s*'([A-Z_]+)'/g)].map(([, code = '']) => code),
    );
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !seenCodes.has(code))).toEqual([]);
  });
});

const siteOf = ({ seeded }: OpenStore) => {
  const site = findSite(seeded.db, URI);
  if (!site) throw new Error(`there is no ${URI}`);
  return site;
};
