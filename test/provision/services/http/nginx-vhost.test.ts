import { describe, expect, it } from 'vitest';
import type { SiteContext } from '../../../../src/provision/model/context.ts';
import type { WebFacts } from '../../../../src/provision/model/service-facts.ts';
import { nginx } from '../../../../src/provision/services/http/nginx.ts';
import { samplePhp, sampleServer, sampleSite, sampleWeb } from '../sample-site.ts';

const site = sampleSite();
const vhostOf = (changed: Partial<SiteContext> = {}, web: Partial<WebFacts> = {}): string => {
  const [vhost] = nginx.siteFiles({
    site: { ...site, ...changed },
    web: { ...sampleWeb(site), ...web },
    php: samplePhp(site),
  });
  return vhost?.text ?? '';
};

describe('the files for nginx', () => {
  it('are for a site as in the golden file', async () => {
    await expect(vhostOf()).toMatchFileSnapshot('../golden/site-vhost.conf');
  });

  it('are for a server as in the golden file', async () => {
    const texts = nginx.serverFiles(sampleServer).map(({ path, text }) => `# ${path}\n${text}`);
    await expect(texts.join('\n')).toMatchFileSnapshot('../golden/server-nginx.conf');
  });

  it('include a file for people, which is made once and never replaced', () => {
    const [vhost, local] = nginx.siteFiles({ site, web: sampleWeb(site), php: samplePhp(site) });
    expect(local).toMatchObject({ path: '/etc/aegir/sites/aeg12/local.vhost.conf', once: true });
    expect(vhost?.text).toContain('include "/etc/aegir/sites/aeg12/local.vhost*.conf";');
  });

  it('ask for a reload when nginx reads them, and not for those of others', () => {
    expect(nginx.reads(sampleServer, '/var/aegir/config/nginx/site-aeg12.conf')).toBe(true);
    expect(nginx.reads(sampleServer, '/etc/aegir/sites/aeg12/local.vhost-extra.conf')).toBe(true);
    expect(nginx.reads(sampleServer, '/etc/aegir/sites/aeg12/local.pool.conf')).toBe(false);
    expect(nginx.reads(sampleServer, '/var/aegir/config/php/8.2/site-aeg12.conf')).toBe(false);
  });
});

describe('a value that could end a directive', () => {
  const hostile = ['x;', 'x }', '{', '"', "'", '`', '\\', '$uri', '$' + '{host}', 'a\nb', 'a\rb', 'a\0b', 'a\u007fb'];

  it.each(hostile)('is refused in a path: %j', (text) => {
    expect(() => vhostOf({}, { docroot: `/srv/${text}` })).toThrow(expect.objectContaining({ code: 'CONFIG_VALUE' }));
    expect(() => vhostOf({}, { folders: [{ url: '/f', path: `/srv/${text}` }] })).toThrow(/cannot be written/);
    expect(() => vhostOf({}, { folders: [{ url: `/${text}`, path: '/srv' }] })).toThrow(/cannot be written/);
    expect(() => vhostOf({}, { frontController: `/${text}` })).toThrow(/cannot be written/);
  });

  it.each([...hostile, ' ', '# x', '*', 'a b', '~^x', 'x/y', 'ÄÖ.test', ''])(
    'is refused as a host name: %j',
    (text) => {
      expect(() => vhostOf({ uri: text })).toThrow(expect.objectContaining({ code: 'CONFIG_VALUE' }));
      expect(() => vhostOf({ aliases: ['fine.test', text] })).toThrow(
        expect.objectContaining({ code: 'CONFIG_VALUE' }),
      );
    },
  );

  it.each(hostile)('is refused as a parameter of PHP: %j', (text) => {
    expect(() => vhostOf({}, { params: { KEY: text } })).toThrow(expect.objectContaining({ code: 'CONFIG_VALUE' }));
    expect(() => vhostOf({}, { params: { [`K${text}`]: 'x' } })).toThrow(/cannot be written/);
  });

  it.each(['a\nb', '(', 'a\0', ''])('is refused as a pattern: %j', (text) => {
    expect(() => vhostOf({}, { denied: [text] })).toThrow(expect.objectContaining({ code: 'CONFIG_VALUE' }));
  });

  it.each(['/x; }', '/$uri', '/$0', '/"', '/$' + '{1}'])('is refused where a rewrite leads: %j', (to) => {
    expect(() => vhostOf({}, { rewrites: [{ pattern: '^/x$', to }] })).toThrow(/cannot be written/);
  });

  it.each(['80;', 'localhost:80', '[::1]:80 ssl', '127.0.0.1:80\n'])('is refused as an address: %j', (address) => {
    const services = sampleServer.services.map((service) =>
      service.kind === 'http' ? { ...service, settings: { ...service.settings, listen: [address] } } : service,
    );
    expect(() => nginx.serverFiles({ ...sampleServer, services })).toThrow(/cannot be written/);
  });
});

describe('the address of a site', () => {
  const serverOn = (listen: string[]) => ({
    ...sampleServer,
    services: sampleServer.services.map((service) =>
      service.kind === 'http' ? { ...service, settings: { ...service.settings, listen } } : service,
    ),
  });

  it('leaves out port 80 and names another', () => {
    expect(nginx.url(serverOn(['80', '[::]:80']), 'a.test')).toBe('http://a.test');
    expect(nginx.url(serverOn(['127.0.0.1:8080']), 'a.test')).toBe('http://a.test:8080');
  });
});
