import { lchownSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SiteContext, sitePaths } from '../../../../src/provision/model/context.ts';
import { configBefore, publish } from '../../../../src/provision/services/publish.ts';
import { standardProgram } from '../../../../src/provision/standard.ts';
import { type Stack, startStack } from '../../../support/stack.ts';
import { makeSite, sampleConfig, writeTree } from '../real-site.ts';
import { writeSampleTree } from '../suites/tree.ts';

const SHOP = 'shop.example.test';

let stack: Stack;
let site: SiteContext;

beforeAll(async () => {
  stack = await startStack({ db: false });
  site = await makeSite(stack, 1, SHOP);
  writeSampleTree(site);
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
  it('believes the name that chose the vhost, not another in a header', async () => {
    const { server } = await ran(`http://${SHOP}/index.php`, { headers: { host: 'evil.test' } });
    expect(server.HTTP_HOST).toBe(SHOP);
    const { server: withPort } = await ran('/index.php', { headers: { host: `${SHOP}:8080` } });
    expect(withPort.HTTP_HOST).toBe(`${SHOP}:8080`);
  });
});

describe('what nobody may see', () => {
  it('leaves the way open for proofs that the name is ours', async () => {
    writeTree(join(stack.paths.run, 'acme/.well-known/acme-challenge'), { token: 'proof' });
    expect((await get('/.well-known/acme-challenge/token')).body).toBe('proof');
    expect((await get('/.well-known/acme-challenge/none')).status).toBe(404);
  });
});

describe('a public folder', () => {
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
});

it('says which web server answers, but not its version', async () => {
  for (const path of ['/', '/page.txt', '/missing.php']) expect((await get(path)).headers.server).toBe('nginx');
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
