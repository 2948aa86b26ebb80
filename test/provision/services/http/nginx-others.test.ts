import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namesIn, readFileText } from '../../../../src/provision/host/local/reads.ts';
import { servedBy } from '../../../../src/provision/services/http/nginx-others.ts';
import { serverBlocks } from '../../../../src/provision/services/http/nginx-read.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegtest-nginx-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** What is found in a configuration like Debian's, with our own part between conf.d and sites-enabled. */
async function blocks(files: Record<string, string>) {
  write(
    'nginx.conf',
    'events { worker_connections 768; }\nhttp {\n  include conf.d/*.conf;\n  include sites-enabled/*;\n}\n',
  );
  write('conf.d/aegir.conf', `# Ours\ninclude "${folder}/ours/*.conf";\n`);
  write('ours/site.conf', 'server { listen 80; server_name ours.example.org; }');
  for (const [path, text] of Object.entries(files)) write(path, text);
  const host = { readText: readFileText, list: namesIn };
  return serverBlocks(host, join(folder, 'nginx.conf'), (pattern) => pattern.startsWith(`${folder}/ours/`));
}

const where = (path: string): string => join(folder, path);

describe('the vhosts of others', () => {
  it('are found where nginx reads them, with what included files say; ours are left out', async () => {
    const found = await blocks({
      'conf.d/0-early.conf': 'server { listen 80; server_name early.example.org; }',
      'sites-enabled/shop': `# server { server_name no.example.org; }
server {
  listen 443 ssl; # and so on
  include snippets/names.conf;
  location ~ "^/(a{2}|;)" { return 200 "}"; }
  if ($host = 'x;}') { return 301 https://$host$request_uri; }
}
server {
  server_name "Quoted.example.org"
    ~^(?<user>[a-z]+)\\.example\\.org$ .dot.example.org;
}`,
      'snippets/names.conf': 'server_name shop.example.org www.shop.example.org;',
      'conf.d/not-read.txt': 'server { server_name never.example.org; }',
    });
    expect(found).toEqual([
      { file: where('conf.d/0-early.conf'), line: 1, listens: ['80'], names: ['early.example.org'], first: true },
      {
        ...{ file: where('sites-enabled/shop'), line: 2, listens: ['443'], first: false },
        names: ['shop.example.org', 'www.shop.example.org'],
      },
      {
        ...{ file: where('sites-enabled/shop'), line: 8, listens: ['80'], first: false },
        names: ['Quoted.example.org', '~^(?<user>[a-z]+)\\.example\\.org$', '.dot.example.org'],
      },
    ]);
  });

  it('that include each other are read to an end', async () => {
    expect(await blocks({ 'sites-enabled/circle': `include ${where('sites-enabled/circle')};` })).toEqual([]);
  });

  it.each([
    ['the very name, read after ours', 'server_name shop.example.org;', 'shop.example.org', 'taken'],
    ['a wildcard', 'server_name *.example.org;', 'shop.example.org', 'pattern'],
    ['an expression', 'server_name ~^(?P<one>\\w+)\\.example\\.org$;', 'shop.example.org', 'pattern'],
    ['a name with a dot before it', 'server_name .example.org;', 'example.org', 'taken'],
    ['a name that ours takes in', 'server_name a.example.org;', '*.example.org', 'part'],
    ['the same wildcard', 'server_name *.EXAMPLE.org;', '*.example.org', 'taken'],
    ['a shorter wildcard', 'server_name *.org;', '*.example.org', 'pattern'],
    ['another name', 'server_name example.org other.example.org _ "";', 'shop.example.org', undefined],
    ['another port', 'listen 8080; server_name shop.example.org;', 'shop.example.org', 'port'],
    ['a pattern on another port', 'listen 443 ssl; server_name *.example.org;', 'shop.example.org', undefined],
    ['an address of its own', 'listen 192.0.2.7:80; server_name *.example.org;', 'shop.example.org', 'theirs'],
    ['an address without port', 'listen 192.0.2.7; server_name shop.example.org;', 'shop.example.org', 'theirs'],
    ['IPv6 beside all', 'listen [::]:80 ipv6only=on; server_name shop.example.org;', 'shop.example.org', 'taken'],
    ['an IPv6 address', 'listen [2001:db8::1]:80; server_name shop.example.org;', 'shop.example.org', 'theirs'],
    ['a name of the machine', 'listen localhost:80; server_name shop.example.org;', 'shop.example.org', 'theirs'],
    ['a socket', 'listen unix:/run/x.sock; server_name shop.example.org;', 'shop.example.org', undefined],
  ])('%s', async (_what, lines, name, how) => {
    const found = servedBy(name, await blocks({ 'sites-enabled/x': `server { ${lines} }` }), ['80', '[::]:80']);
    expect(found[0]?.how).toBe(how);
    if (how) expect(found[0]).toMatchObject({ name, file: where('sites-enabled/x'), line: 1 });
  });

  it('have a name that they say before ours is read', async () => {
    const files = { 'conf.d/a.conf': 'server { server_name shop.example.org; }' };
    expect(servedBy('shop.example.org', await blocks(files), ['80'])).toMatchObject([{ how: 'theirs' }]);
  });
});
