import { describe, expect, it } from 'vitest';
import type { SiteContext, SiteWeb } from '../../../../src/provision/model/context.ts';
import type { Ask } from '../../../support/http-client.ts';
import type { Tried } from './running.ts';

/** `{SSHA}` of `let me in` with the salt `salt`. */
const auth = { user: 'guest', hash: '{SSHA}lGTXNKlGPGOqKhPBqHIwa34guzdzYWx0' };
const authorization = `Basic ${Buffer.from('guest:let me in').toString('base64')}`;

/** What a web server must do with the sites of a server; PHP runs behind it. */
export function httpDriver(on: () => Tried, name: string): void {
  const get = (path: string, options: Ask = {}) => on().fetch(on().site.uri, path, options);
  const ran = async (path: string, options: Ask = {}) => JSON.parse((await get(path, options)).body);
  const driver = () => on().services.http(on().server);
  const served = (web: Partial<SiteWeb>): SiteContext => ({ ...on().site, web: { ...on().site.web, ...web } });
  /** Publishes the site otherwise for the time of some work. */
  const whileServed = async (web: Partial<SiteWeb>, work: (site: SiteContext) => Promise<void>): Promise<void> => {
    const site = served(web);
    const before = await on().put(site);
    try {
      await work(site);
    } finally {
      await on().undo(before);
    }
    expect((await get('/')).status).toBe(200);
  };

  describe(`PHP behind ${name}`, () => {
    it('runs at the entry points, and knows where it is', async () => {
      const { ran: file, server } = await ran('/index.php?a=1%202');
      expect(file).toBe('/index.php');
      expect(server).toMatchObject({
        REQUEST_METHOD: 'GET',
        SCRIPT_NAME: '/index.php',
        PHP_SELF: '/index.php',
        REQUEST_URI: '/index.php?a=1%202',
        QUERY_STRING: 'a=1%202',
        AEGIR_SITE: on().site.uri,
      });
      expect(server.HTTP_HOST).toMatch(/^one\.localhost(:\d+)?$/);
      expect(server.HTTPS ?? 'off').toBe('off');
    });

    it('gets a path behind the script only where the engine says so', async () => {
      const { ran: file, server } = await ran('/update.php/selection/x?y=1');
      expect(file).toBe('/update.php');
      expect(server).toMatchObject({ SCRIPT_NAME: '/update.php', PATH_INFO: '/selection/x' });
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
      '/index.php%00.txt',
    ])('does not run elsewhere, nor shows its source: %s', async (path) => {
      const page = await get(path);
      expect([400, 404]).toContain(page.status);
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

    it('opens the index of a folder under the address with a slash at its end, and never lists files', async () => {
      expect(await get('/admin')).toMatchObject({ status: 301, headers: { location: '/admin/' } });
      expect((await ran('/admin/?x=1')).ran).toBe('/admin/index.php');
      expect((await ran('/core/')).ran).toBe('/index.php');
    });

    it('is not told of a proxy by a visitor', async () => {
      const { server } = await ran('/index.php', { headers: { proxy: 'http://evil.test' } });
      expect(server.HTTP_PROXY ?? '').toBe('');
    });

    it('gets and sets cookies, and its own headers go before the server’s', async () => {
      const { body, headers } = await get('/?do=cookies', { headers: { cookie: 'c=3; d=4' } });
      expect(JSON.parse(body)).toEqual({ c: '3', d: '4' });
      expect(headers['set-cookie']).toHaveLength(2);
      expect((await get('/index.php?do=header')).headers['x-frame-options']).toBe('DENY');
    });

    it('takes an upload of the size that is allowed, and a much larger one is refused', async () => {
      const upload = (megabytes: number) => {
        const body = Buffer.alloc(megabytes * 1024 * 1024, 'x');
        const headers = { 'content-type': 'application/octet-stream', 'content-length': String(body.length) };
        return get('/?do=upload', { method: 'POST', body, headers });
      };
      expect((await upload(2)).body).toBe(String(2 * 1024 * 1024));
      expect((await upload(4)).status).toBe(413);
      expect((await get('/')).status).toBe(200);
    });
  });

  describe(`what nobody may see by ${name}`, () => {
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
      '/..%2f..%2fetc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
    ])('is not found: %s', async (path) => {
      const page = await get(path);
      expect([400, 404]).toContain(page.status);
      expect(page.body).not.toMatch(/SECRET|SOURCE|ran|root:/);
    });

    it('does not spoil what may be seen', async () => {
      expect((await get('/page.txt')).body).toBe('page');
      expect((await get('/core/style.css')).headers['content-type']).toMatch(/^text\/css/);
      expect((await get('/.well-known/security.txt')).body).toBe('Contact: x');
    });
  });

  describe(`a public folder by ${name}`, () => {
    it('shows its files', async () => {
      expect(await get('/files/picture.txt')).toMatchObject({ status: 200, body: 'picture' });
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
      '/files/../../../settings/x',
      '/files/..%2f..%2freleases/1/settings',
      '/files/..%5c..%5cx',
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

    it('keeps uploaded pages and drawings from running script', async () => {
      for (const path of ['/files/drawing.svg', '/files/page.html']) {
        const { headers } = await get(path);
        expect(headers['content-security-policy']).toBe('sandbox');
        expect(headers['x-content-type-options']).toBe('nosniff');
      }
      expect((await get('/files/picture.txt')).headers['content-security-policy']).toBeUndefined();
    });
  });

  describe(`the headers of ${name}`, () => {
    it.each(['/', '/page.txt', '/files/picture.txt', '/missing.php', '/.git/config'])('guard %s', async (path) => {
      const { headers } = await get(path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'strict-origin-when-cross-origin',
      });
      expect(headers['x-powered-by']).toBeUndefined();
    });
  });

  describe(`the names of a site by ${name}`, () => {
    it('lead to it alone, in any case', async () => {
      const siteOf = async (uri: string) => JSON.parse((await on().fetch(uri, '/')).body).server.AEGIR_SITE;
      expect(await siteOf('two.localhost')).toBe('two.localhost');
      expect(await siteOf('www.ONE.localhost')).toBe('one.localhost');
    });

    it.each(['unknown.localhost', 'evil.test', '127.0.0.1', 'one.localhost.evil.test'])(
      'do not include %s',
      async (uri) => {
        const { status, body } = await on().fetch(uri, '/');
        expect([0, 404, 421]).toContain(status);
        expect(body).not.toMatch(/ran/);
      },
    );

    it('redirect to the one that is chosen, with path and query', async () => {
      await whileServed({ redirect: 'one.localhost' }, async (site) => {
        const led = await on().fetch(`www.${site.uri}`, '/x?y=1');
        expect(led.status).toBe(301);
        expect(led.headers.location).toMatch(/^http:\/\/one\.localhost(:\d+)?\/x\?y=1$/);
      });
    });

    it('are no foreign server’s', async () => {
      expect(await driver().servedElsewhere(on().host, on().server, ['one.localhost'])).toEqual([]);
    });

    it('are probed from this machine, and have an address with which a browser gets there', async () => {
      expect(driver().url(on().server, 'one.localhost')).toMatch(/^http:\/\/one\.localhost(:\d+)?$/);
      const page = await driver().probe(on().host, on().server, 'one.localhost', '/page.txt');
      expect(page).toMatchObject({ status: 200, body: 'page' });
    });
  });

  describe(`how ${name} serves a site`, () => {
    it('that is disabled: a page for every address, which search engines come back for, or none', async () => {
      await whileServed({ serving: 'disabled' }, async () => {
        for (const path of ['/', '/page.txt', '/index.php?do=header'])
          expect(await get(path)).toMatchObject({ status: 503, headers: { 'retry-after': '600' } });
        expect((await get('/')).body).toMatch(/one\.localhost.*is not available/);
      });
      await whileServed({ serving: 'disabled', closedStatus: 404 }, async () => {
        expect((await get('/page.txt')).status).toBe(404);
      });
    });

    it('that is in maintenance, while this machine sees it under a secret name', async () => {
      const probe = 'aeg1-0123456789.probe.invalid';
      await whileServed({ serving: 'maintenance', probe }, async () => {
        expect((await get('/')).status).toBe(503);
        const { status, body } = await driver().probe(on().host, on().server, probe, '/index.php');
        expect(status).toBe(200);
        const { server } = JSON.parse(body);
        expect(server.HTTP_HOST).toMatch(/^one\.localhost/);
        expect((await on().fetch('two.localhost', '/')).status).toBe(200);
      });
    });

    it('that asks for a login, and lets in who has it', async () => {
      await whileServed({ auth }, async () => {
        for (const path of ['/', '/page.txt', '/files/picture.txt']) {
          expect((await get(path)).status).toBe(401);
          expect((await get(path, { headers: { authorization } })).status).toBe(200);
        }
        const wrong = `Basic ${Buffer.from('guest:let me out').toString('base64')}`;
        expect((await get('/', { headers: { authorization: wrong } })).status).toBe(401);
      });
    });

    it('that search engines are to leave alone', async () => {
      expect((await get('/')).headers['x-robots-tag']).toBeUndefined();
      await whileServed({ noindex: true }, async () => {
        expect((await get('/')).headers['x-robots-tag']).toBe('noindex, nofollow');
      });
    });

    it('at once when it is published, and no longer at once when it is taken away', async () => {
      const site = await on().makeSite(3, 'three.localhost');
      expect((await on().fetch(site.uri, '/page.txt')).body).not.toBe('page');
      for (let time = 0; time < 2; time += 1) {
        await on().put(site);
        expect((await on().fetch(site.uri, '/page.txt')).body).toBe('page');
        expect((await on().fetch(site.uri, '/')).status).toBe(200);
        await on().take(site);
        expect([0, 404, 421]).toContain((await on().fetch(site.uri, '/page.txt')).status);
      }
      expect((await get('/')).status).toBe(200);
    });
  });
}
