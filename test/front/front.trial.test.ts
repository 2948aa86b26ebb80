import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFront } from '../../src/provision/host/local/front-process.ts';
import { processIds, sendSignal } from '../../src/provision/host/local/processes.ts';
import { waitUntil } from '../../src/provision/host/local/wait.ts';
import { type SiteContext, sitePaths } from '../../src/provision/model/context.ts';
import { frontSocket } from '../../src/provision/model/paths.ts';
import { findLocalPhp } from '../../src/setup/choose-php.ts';
import { startTrial } from '../../src/setup/trial.ts';
import { startTestTrial, type Trial } from '../support/trial.ts';

const program = `<?php
switch ($_GET['do'] ?? '') {
  case 'words': for ($i = 0; $i < 50; $i++) { error_log("word $i"); fwrite(fopen('php://stderr', 'w'), "loud\n"); } $answer = str_repeat('x', 100000); break;
  case 'exec': $answer = function_exists('exec') ? 'callable' : 'disabled'; break;
  case 'upload': $answer = strlen(file_get_contents('php://input')); break;
  case 'facts': $answer = $_SERVER; break;
  case 'write':
    $db = new PDO('sqlite:' . $_SERVER['AEGIR_DB']);
    $db->setAttribute(PDO::ATTR_TIMEOUT, 30);
    $db->exec('CREATE TABLE IF NOT EXISTS hit (n INTEGER PRIMARY KEY, who TEXT)');
    $db->exec("INSERT INTO hit (who) VALUES ('x')");
    $answer = true;
    break;
  case 'count':
    $db = new PDO('sqlite:' . $_SERVER['AEGIR_DB']);
    $answer = [(int) $db->query('SELECT COUNT(*) FROM hit')->fetchColumn(), $db->query('PRAGMA integrity_check')->fetchColumn()];
    break;
  default: $answer = 'front page of ' . $_SERVER['AEGIR_SITE'];
}
echo json_encode($answer);
`;

const local = await findLocalPhp();
const fit = local !== undefined && local.lacks.length === 0;
const kinds = [
  { kind: 'wasm' as const, title: 'PHP in WebAssembly', runs: true },
  { kind: 'cli' as const, title: `PHP's own web server${fit ? '' : ' (needs a PHP with SQLite)'}`, runs: fit },
  {
    kind: 'local' as const,
    title: `PHP-FPM as an ordinary user${fit && local.fpm !== '' ? '' : ' (needs PHP-FPM)'}`,
    runs: fit && local.fpm !== '',
  },
];

describe.each(kinds)('a site of a trial on $title', ({ kind, runs }) => {
  let trial: Trial;
  let one: SiteContext;
  const page = (path: string, options = {}) => trial.fetch(one.uri, path, options);
  const asks = async (what: string): Promise<unknown> => JSON.parse((await page(`/?do=${what}`)).body);

  beforeAll(async () => {
    if (!runs) return;
    trial = await startTestTrial(kind);
    const php = { memoryMb: 64, uploadMb: 2, children: 3, timeS: 5 };
    one = await trial.addSite(1, 'one.localhost', { php });
    await trial.addSite(2, 'two.localhost');
    const docroot = join(one.platform.root, 'web');
    mkdirSync(docroot, { recursive: true });
    writeFileSync(join(docroot, 'index.php'), program);
    symlinkSync('/etc/passwd', join(docroot, 'passwd.txt'));
  }, 120_000);
  afterAll(() => trial?.stop());
  // A body of its own for each kind, left out whole where its PHP is missing.
  const see = runs ? it : it.skip;

  see('learns nothing of how the web server speaks to PHP', async () => {
    const facts = (await asks('facts')) as Record<string, string>;
    expect(facts.SERVER_PORT).toBe(String(trial.port));
    expect(Object.keys(facts).filter((name) => /TOKEN|AEGIR_(REQUEST|INI|ENV)/.test(name))).toEqual([]);
  });

  see('shows no file that a link leads out to: the CMS answers for its address', async () => {
    expect((await page('/passwd.txt')).body).toBe('"front page of one.localhost"');
  });

  see('refuses an upload that is too large though its size was not said', async () => {
    const large = Buffer.alloc(4 * 1024 * 1024, 'x');
    expect([0, 413]).toContain(await chunked(trial.port, one.uri, large));
    expect((await page('/')).status).toBe(200);
  });

  see('is read to its end while PHP complains, which stands in the log of the site', async () => {
    for (let round = 0; round < 10; round += 1) expect(await asks('words')).toHaveLength(100_000);
    expect(readFileSync(join(sitePaths(one).logs, 'error.log'), 'utf8')).toContain('word 49');
  });

  if (kind === 'wasm') {
    see('cannot call exec, which would hang for ever', async () => {
      expect(await asks('exec')).toBe('disabled');
    });
  }

  see(
    'answers two hundred requests at once',
    async () => {
      const pages = await Promise.all(Array.from({ length: 200 }, () => page('/')));
      expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
    },
    60_000,
  );

  see('is not held up by a visitor who sends a letter a minute', async () => {
    const slow = Array.from({ length: 20 }, () => {
      const socket = connect(trial.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(`POST /?do=upload HTTP/1.1\r\nHost: one.localhost\r\nContent-Length: 100\r\n`);
      return socket;
    });
    expect((await page('/')).status).toBe(200);
    for (const socket of slow) socket.destroy();
  });

  see(
    'loses nothing when several write to its database at once',
    async () => {
      const database = join(sitePaths(one).tmp, 'test.sqlite');
      // What an engine would say by its settings.
      const file = join(trial.root.paths.config, `front/site-${one.handle}.json`);
      const document = JSON.parse(readFileSync(file, 'utf8'));
      document.params.AEGIR_DB = database;
      writeFileSync(file, JSON.stringify(document));
      await trial.host.act('front.control', { action: 'reload', part: 'http' });
      const pages = await Promise.all(Array.from({ length: 60 }, () => page('/?do=write')));
      expect(pages.filter(({ body }) => body !== 'true')).toEqual([]);
      expect(await asks('count')).toEqual([60, 'ok']);
    },
    60_000,
  );

  see(
    'answers again after its PHP was killed',
    async () => {
      for (const pid of childrenOfFront(await frontPid(trial))) sendSignal(pid, 'SIGKILL');
      expect(await waitUntil(async () => (await page('/')).status === 200, 20_000)).toBe(true);
    },
    40_000,
  );

  see(
    'answers again after the web server was killed and the trial started anew, and nothing is left over',
    async () => {
      const pid = await frontPid(trial);
      const children = childrenOfFront(pid);
      sendSignal(pid, 'SIGKILL');
      expect(await waitUntil(() => children.every((child) => !alive(child)), 10_000)).toBe(true);
      await startTrial(trial.root, undefined, () => {});
      expect((await page('/')).status).toBe(200);
    },
    60_000,
  );
});

async function frontPid({ root }: Trial): Promise<number> {
  const answer = await askFront(frontSocket(root.paths), 'GET', '/state');
  return Number(answer?.document.pid);
}

/** All that descends from a process. */
function childrenOfFront(pid: number): number[] {
  const parents = new Map(processIds().map((id) => [id, parentOf(id)]));
  const below = (parent: number): number[] =>
    [...parents].filter(([, one]) => one === parent).flatMap(([id]) => [id, ...below(id)]);
  return below(pid);
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** A body whose length nobody has said; the status, or 0 when the line was cut. */
function chunked(port: number, name: string, body: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const headers = { host: name, 'transfer-encoding': 'chunked' };
    const asking = request({ host: '127.0.0.1', port, path: '/?do=upload', method: 'POST', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asking.on('error', () => resolve(0));
    asking.end(body);
  });
}
