import { describe, expect, it } from 'vitest';
import { fpm } from '../../../../src/provision/services/php/fpm.ts';
import { samplePhp, sampleServer, sampleSite, sampleWeb } from '../sample-site.ts';

const site = sampleSite();
const web = sampleWeb(site);
const poolOf = (changed: Partial<typeof site> = {}, readable: string[] = ['/usr/share/sample']): string =>
  fpm.siteFiles({ site: { ...site, ...changed }, web, php: samplePhp(site, readable) })[0]?.text ?? '';

describe('the files for PHP-FPM', () => {
  it('are for a site as in the golden file', async () => {
    await expect(poolOf()).toMatchFileSnapshot('../golden/site-pool.conf');
  });

  it('are for a server as in the golden file', async () => {
    const texts = fpm.serverFiles(sampleServer).map(({ path, text }) => `; ${path}\n${text}`);
    await expect(texts.join('\n')).toMatchFileSnapshot('../golden/server-pool.conf');
  });

  it('follow the limits of the site', () => {
    const pool = poolOf({ php: { memoryMb: 512, uploadMb: 200, children: 9, timeS: 300 } });
    expect(pool).toContain('pm.max_children = 9');
    expect(pool).toContain('php_admin_value[memory_limit] = "512M"');
    expect(pool).toContain('php_admin_value[upload_max_filesize] = "200M"');
    expect(pool).toContain('php_admin_value[max_execution_time] = "300"');
  });

  it('include a file for people, which is made once and never replaced', () => {
    const [pool, local] = fpm.siteFiles({ site, web, php: samplePhp(site) });
    expect(local).toMatchObject({ path: '/etc/aegir/sites/aeg12/local.pool.conf', once: true });
    expect(pool?.text).toContain('include = "/etc/aegir/sites/aeg12/local.pool*.conf"');
  });

  it.each(['a"b', 'a\nuser = root', '$' + '{PATH}', '$x', 'a;b', 'a\\', "a'b", '{}'])(
    'refuse a path with %j',
    (text) => {
      expect(() => poolOf({}, [`/srv/${text}`])).toThrow(expect.objectContaining({ code: 'CONFIG_VALUE' }));
      expect(() => poolOf({ platform: { ...site.platform, root: `/srv/${text}` } })).toThrow(/cannot be written/);
    },
  );
});
