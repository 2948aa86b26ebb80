import { join } from 'node:path';
import { z } from 'zod';
import { type ServerContext, serverPaths, serviceOf } from '../../context.ts';
import { AegirError } from '../../errors.ts';
import { generatedNotice } from '../../generated-file.ts';
import { lastWords } from '../../host/exec.ts';
import type { HttpDriver } from '../service.ts';
import { pidState, servicePid } from '../state.ts';
import { enabledVhost } from './nginx-vhost.ts';

const settings = z.object({
  binary: z.string(),
  conf: z.string(),
  pidFile: z.string(),
  unit: z.string(),
  /** As in nginx's listen directive: `80`, `[::]:80`, `127.0.0.1:8080`. */
  listen: z.array(z.string()).min(1),
});

const settingsOf = (server: ServerContext) => settings.parse(serviceOf(server, 'http').settings);

/** nginx, with a vhost a site and PHP behind it by FastCGI. */
export const nginx: HttpDriver = {
  name: 'nginx',
  async detect(host) {
    const binary = '/usr/sbin/nginx';
    const asked = await host.ask({ file: binary, args: ['-v'], timeoutMs: 10_000 });
    if (asked.code !== 0) return undefined;
    const version = /nginx\/(\S+)/.exec(asked.stderr)?.[1] ?? '';
    const sixth = (await host.readText('/proc/net/if_inet6')) !== undefined;
    // Debian's and Ubuntu's packaged defaults.
    const found = { binary, conf: '/etc/nginx/nginx.conf', pidFile: '/run/nginx.pid', unit: 'nginx.service' };
    return { kind: 'http', driver: 'nginx', version, settings: { ...found, listen: sixth ? ['80', '[::]:80'] : ['80'] } };
  },
  state: async (host, server) => pidState(host, settingsOf(server).binary, nginx.process(server)),
  async test(host, server) {
    const { binary, conf } = settingsOf(server);
    const asked = await host.ask({ file: binary, args: ['-t', '-q', '-c', conf], timeoutMs: 60_000 });
    if (asked.code === 0) return;
    throw new AegirError(
      'CONFIG_REFUSED',
      `nginx refuses the configuration: ${lastWords(asked)}`,
      `Mend the file that it names, then test with: ${binary} -t -c ${conf}`,
    );
  },
  process(server) {
    const { binary, conf, pidFile, unit } = settingsOf(server);
    const start = [binary, '-c', conf];
    return { unit, pidFile, start, reloadSignal: 'SIGHUP', stopSignal: 'SIGQUIT', foreground: false };
  },
  async generation(host, server) {
    const master = await servicePid(host, nginx.process(server));
    if (master === undefined) return [];
    const children = (await host.readText(`/proc/${master}/task/${master}/children`)) ?? '';
    const workers: string[] = [];
    for (const pid of children.trim().split(/\s+/)) {
      // A worker that was told to leave says so in its title and takes no new connection.
      const title = (await host.readText(`/proc/${pid}/cmdline`)) ?? '';
      if (title.includes('worker process') && !title.includes('shutting down')) workers.push(pid);
    }
    return workers;
  },
  serverFiles(server) {
    const { listen } = settingsOf(server);
    const folder = join(serverPaths(server).config, 'nginx');
    const own = (name: string, text: string) => ({ path: join(folder, name), text, group: 'root', mode: 0o644 });
    return [own('headers.inc', headers), own('server.conf', serverConf(listen))];
  },
  siteFiles(site, web) {
    const { listen } = settingsOf(site.server);
    const path = join(serverPaths(site.server).config, 'nginx', `site-${site.handle}.conf`);
    return [{ path, text: enabledVhost({ site, web, listen }), group: 'root', mode: 0o644 }];
  },
  probe(host, server, uri, path) {
    const { address, port } = endpoint(settingsOf(server).listen[0] ?? '80');
    return host.fetch({ address, port, host: port === 80 ? uri : `${uri}:${port}`, path, timeoutMs: 60_000 });
  },
  url(server, uri) {
    const { port } = endpoint(settingsOf(server).listen[0] ?? '80');
    return port === 80 ? `http://${uri}` : `http://${uri}:${port}`;
  },
};

/** Repeated in every block that adds a header of its own. */
const headers = `# ${generatedNotice} a local.vhost file of a site.
add_header X-Content-Type-Options nosniff always;
add_header X-Frame-Options SAMEORIGIN always;
add_header Referrer-Policy strict-origin-when-cross-origin always;
`;

/** What holds for all sites: room for many names, and nothing for names that no site has. */
const serverConf = (listen: string[]): string => `# ${generatedNotice} files of your own beside the include line.
server_names_hash_max_size 16384;
server_names_hash_bucket_size 256;
server_tokens off;
log_format aegir '$remote_addr - $remote_user [$time_iso8601] "$request" $status $body_bytes_sent '
                 '"$http_referer" "$http_user_agent" $host $request_time';
server {
${listen.map((address) => `  listen ${address} default_server;`).join('\n')}
  server_name _;
  access_log off;
  return 444;
}
`;

function endpoint(listen: string): { address: string; port: number } {
  const [, address, port] = /^(?:(.+):)?(\d+)$/.exec(listen) ?? [];
  return { address: address?.replace(/^\[(.*)\]$/, '$1') ?? '127.0.0.1', port: Number(port ?? 80) };
}
