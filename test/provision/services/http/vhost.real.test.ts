import { lchownSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SiteContext, sitePaths } from '../../../../src/provision/model/context.ts';
import { configBefore, publish } from '../../../../src/provision/services/publish.ts';
import { standardProgram } from '../../../../src/provision/standard.ts';
import { type Stack, startStack } from '../../../support/stack.ts';
import { makeSite, sampleConfig, writeTree } from '../real-site.ts';
import { writeVhostFiles } from './vhost-files.ts';

const SHOP = 'shop.example.test';

let stack: Stack;
let site: SiteContext;

beforeAll(async () => {
  stack = await startStack({ db: false });
  site = await makeSite(stack, 1, SHOP);
  writeVhostFiles(site);
  const change = { write: sampleConfig(site), remove: [] };
  await publish(
    { host: stack.host, services: standardProgram.services },
    stack.server,
    change,
    await configBefore(stack.host, change),
  );
}, 60_000);

afterAll(() => stack?.stop());

const get = (path: string, options = {}) => stack.fetch(SHOP, path, options);
const ran = async (path: string, options = {}) => JSON.parse((await get(path, options)).body);

describe('the PHP of a site', () => {
  it('runs at the entry points, and PHP knows where it is', async () => {
    const { ran: file, server } = await ran('/index.php?a=1');
    expect(file).toBe('/index.php');
    expect(server).toMatchObject({
      SCRIPT_NAME: '/index.php',
      PHP_SELF: '/index.php',
      REQUEST_URI: '/index.php?a=1',
      QUERY_STRING: 'a=1',
      HTTP_HOST: SHOP,
      SERVER_NAME: SHOP,
      AEGIR_SITE: SHOP,
    });
    expect(server.HTTPS ?? 'off').toBe('off');
  });

  it('gets a path behind the script only where the engine says so', async () => {
    const { ran: file, server } = await ran('/update.php/selection/x?y=1');
    expect(file).toBe('/update.php');
    expect(server).toMatchObject({
      SCRIPT_NAME: '/update.php',
      PATH_INFO: '/selection/x',
      PHP_SELF: '/update.php/selection/x',
    });
    expect((await get('/index.php/selection')).status).toBe(404);
  });

  it.each([
    '/other.php',
    '/admin/install.php',
    '/upper.PHP',
    '/old.phtml',
    '/other.php/x',
    '/missing.php',
    '/page.txt/x.php',
  ])('does not run elsewhere, nor shows its source: %s', async (path) => {
    const page = await get(path);
    expect(page.status).toBe(404);
    expect(page.body).not.toMatch(/SOURCE|ran|<\?php/);
  });

  it('answers clean addresses by the front controller, with the query string', async () => {
    const { ran: file, server, get: query } = await ran('/a/clean/address?x=1&y=2');
    expect(file).toBe('/index.php');
    expect(server.REQUEST_URI).toBe('/a/clean/address?x=1&y=2');
    expect(query).toEqual({ x: '1', y: '2' });
    expect((await ran('/')).ran).toBe('/index.php');
  });

  it('takes a path that means another, as the engine says', async () => {
    expect((await ran('/thing.api?x=1')).get).toEqual({ action: 'thing', x: '1' });
  });

  it('opens the index of a folder under the address with a slash at its end', async () => {
    const redirect = await get('/admin');
    expect(redirect.status).toBe(301);
    expect(redirect.headers.location).toBe('/admin/');
    expect((await ran('/admin/?x=1')).ran).toBe('/admin/index.php');
  });

  it('gets a folder without an index by the front controller, never a list of files', async () => {
    expect((await ran('/core/')).ran).toBe('/index.php');
  });

  it('believes the name that chose the vhost, not another in a header', async () => {
    const { server } = await ran(`http://${SHOP}/index.php`, { headers: { host: 'evil.test' } });
    expect(server.HTTP_HOST).toBe(SHOP);
    const { server: withPort } = await ran('/index.php', { headers: { host: `${SHOP}:8080` } });
    expect(withPort.HTTP_HOST).toBe(`${SHOP}:8080`);
  });

  it('is not told of a proxy by a visitor', async () => {
    const { server } = await ran('/index.php', { headers: { proxy: 'http://evil.test' } });
    expect(server.HTTP_PROXY ?? '').toBe('');
  });
});

describe('what nobody may see', () => {
  it.each([
    '/config/secret.txt',
    '/CONFIG/secret.txt',
    '/sample.module',
    '/.git/config',
    '/core/.env',
    '/.well-known/.hidden',
    '/dump.sql.gz',
    '/index.php~',
    '/index.php.bak',
    '/composer.json',
    '/%2egit/config',
    '/core/..%2f.git/config',
    '//.git/config',
    '/.well-known/../.git/config',
  ])('is not found: %s', async (path) => {
    const page = await get(path);
    expect(page.status).toBe(404);
    expect(page.body).not.toMatch(/SECRET|SOURCE|ran/);
  });

  it('does not spoil what may be seen', async () => {
    expect((await get('/page.txt')).body).toBe('page');
    expect((await get('/core/style.css')).headers['content-type']).toBe('text/css');
    expect((await get('/.well-known/security.txt')).body).toBe('Contact: x');
  });

  it('leaves the way open for proofs that the name is ours', async () => {
    writeTree(join(stack.paths.run, 'acme/.well-known/acme-challenge'), { token: 'proof' });
    expect((await get('/.well-known/acme-challenge/token')).body).toBe('proof');
    expect((await get('/.well-known/acme-challenge/none')).status).toBe(404);
  });
});

describe('a public folder', () => {
  it('shows its files', async () => {
    const page = await get('/files/picture.txt');
    expect(page).toMatchObject({ status: 200, body: 'picture' });
  });

  it.each([
    '/files/evil.php',
    '/files/evil.PhP5',
    '/files/evil.phar',
    '/files/sub/evil.cgi',
    '/files/evil.php/x',
    '/files/.htaccess',
    '/files/backup.sql',
    '/files/missing.txt',
    '/made/missing.php',
    '/files../settings',
    '/files/..%2f..%2freleases/1/settings',
  ])('neither runs nor shows %s', async (path) => {
    const page = await get(path);
    expect(page.body).not.toMatch(/SOURCE|SECRET/);
    if (page.status === 200) expect(JSON.parse(page.body).ran).toBe('/index.php');
    else expect(page.status).toBeGreaterThanOrEqual(400);
  });

  it('has missing files made by the front controller where the engine says so', async () => {
    expect((await get('/made/there.css')).body).toBe('there');
    const { ran: file, server } = await ran('/made/missing.css?v=1');
    expect(file).toBe('/index.php');
    expect(server.REQUEST_URI).toBe('/made/missing.css?v=1');
  });

  it('does not follow a link to what another owns, only to what is its own', async () => {
    const { files, release } = sitePaths(site);
    // Readable to all, so that nothing but the owner stands in the way.
    writeTree(join(release, 'open'), { 'secret.txt': 'SECRET' });
    const links = {
      'passwd.txt': '/etc/passwd',
      'secret.txt': join(release, 'open/secret.txt'),
      folder: join(release, 'open'),
      'own.txt': join(files, 'picture.txt'),
    };
    for (const [name, target] of Object.entries(links)) {
      symlinkSync(target, join(files, name));
      lchownSync(join(files, name), site.uid, site.uid);
    }
    for (const path of ['/files/passwd.txt', '/files/secret.txt', '/files/folder/secret.txt']) {
      const page = await get(path);
      expect(page.status).toBe(404);
      expect(page.body).not.toMatch(/SECRET|root:/);
    }
    expect((await get('/files/own.txt')).body).toBe('picture');
  });

  it('keeps uploaded pages and drawings from running script', async () => {
    for (const path of ['/files/drawing.svg', '/files/page.html']) {
      const { headers } = await get(path);
      expect(headers['content-security-policy']).toBe('sandbox');
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
    expect((await get('/files/picture.txt')).headers['content-security-policy']).toBeUndefined();
  });
});

describe('headers', () => {
  it.each(['/', '/page.txt', '/files/picture.txt', '/missing.php', '/.git/config'])('guard %s', async (path) => {
    const { headers } = await get(path);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'strict-origin-when-cross-origin',
    });
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers.server).toBe('nginx');
  });

  it('of the CMS itself go before ours', async () => {
    const { headers } = await get('/index.php?do=header');
    expect(headers['x-frame-options']).toBe('DENY');
  });
});

describe('a name that no site has', () => {
  it.each(['other.example.test', 'evil.test', '127.0.0.1', 'shop.example.test.evil.test'])(
    'gets nothing: %s',
    async (name) => {
      expect(await stack.fetch(name, '/')).toEqual({ status: 0, headers: {}, body: '' });
    },
  );

  it('is not an alias of a site', async () => {
    expect((await stack.fetch(`www.${SHOP}`, '/')).status).toBe(200);
  });
});
