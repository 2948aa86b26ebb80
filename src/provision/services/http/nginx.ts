import { join } from 'node:path';
import { z } from 'zod';
import type { Host } from '../../host/host.ts';
import { lastOutput } from '../../host/local/exec.ts';
import type { ServiceProcess } from '../../host/root-acts.ts';
import { type ServerContext, type ServiceContext, serverPaths, serviceOf, sitePaths } from '../../model/context.ts';
import type { GeneratedFile } from '../../model/generated-file.ts';
import { addressOf } from '../../model/site-names.ts';
import { configRefused } from '../refusal.ts';
import type { HttpDriver } from '../service.ts';
import { childrenOf, pidFileMs, pidState, servicePid } from '../state.ts';
import { servedBy } from './nginx-others.ts';
import { serverBlocks } from './nginx-read.ts';
import { nginxFolder, serverTexts } from './nginx-server.ts';
import { hostName } from './nginx-text.ts';
import { passwordFile, siteVhost } from './nginx-vhost.ts';

const settings = z.object({
  binary: z.string(),
  conf: z.string(),
  pidFile: z.string(),
  unit: z.string(),
  /** As in nginx's listen directive: `80`, `[::]:80`, `127.0.0.1:8080`. */
  listen: z.array(z.string()).min(1),
});

const settingsOf = (server: ServerContext) => settings.parse(serviceOf(server, 'http').settings);

/** nginx, with one vhost per site and PHP behind it by FastCGI. */
export const nginx: HttpDriver = {
  kind: 'http',
  name: 'nginx',
  async detect(host) {
    const asked = await host.ask({ file: PACKAGED.binary, args: ['-v'], timeoutMs: 10_000 });
    if (asked.code !== 0) return [];
    return [await asPackaged(host, /nginx\/(\S+)/.exec(asked.stderr)?.[1] ?? '')];
  },
  packaged: (host) => asPackaged(host, ''),
  state: async (host, server) => pidState(host, settingsOf(server).binary, processOf(server)),
  async test(host, server) {
    const { binary, conf } = settingsOf(server);
    const asked = await host.ask({ file: binary, args: ['-t', '-c', conf], timeoutMs: 60_000 });
    if (asked.code === 0) return messagesOf(asked.stderr, 'warn').map((warning) => `nginx warns: ${warning}`);
    const [message = lastOutput(asked)] = messagesOf(asked.stderr, 'emerg|alert|crit');
    const [, file] = / in (\/.*):\d+$/.exec(message) ?? [];
    throw await configRefused(host, { daemon: 'nginx', message, file, command: `${binary} -t -c ${conf}` });
  },
  control: (host, server, action, signal) =>
    host.act('service.control', { service: processOf(server), action }, signal && { signal }),
  startedMs: (host, server) => pidFileMs(host, processOf(server)),
  include: (server) => `include "${join(nginxFolder(server), '*.conf')}";`,
  reads: (server, path) => path.startsWith(`${nginxFolder(server)}/`) || /\/local\.vhost[^/]*\.conf$/.test(path),
  async generation(host, server) {
    const master = await servicePid(host, processOf(server));
    const children = master === undefined ? [] : await childrenOf(host, master);
    // An old worker after a reload says so in its title and accepts no new connections.
    return children
      .filter(({ title }) => title.includes('worker process') && !title.includes('shutting down'))
      .map(({ pid }) => pid);
  },
  folders: (server) => [
    { path: nginxFolder(server), group: 'root', mode: 0o700 },
    // Certificate challenges are written here and served by the web server.
    { path: join(serverPaths(server).run, 'acme'), group: server.webUser, mode: 0o750 },
  ],
  serverFiles(server) {
    const { listen } = settingsOf(server);
    const texts = Object.entries(serverTexts(listen));
    return texts.map(([name, text]) => rootsFile(join(nginxFolder(server), name), text));
  },
  siteFiles({ site, web, php: { socket } }) {
    const { listen } = settingsOf(site.server);
    const path = join(nginxFolder(site.server), `site-${site.handle}.conf`);
    const local = rootsFile(join(sitePaths(site).local, 'local.vhost.conf'), localVhost(site.uri));
    const host = new URL(nginx.url(site.server, addressOf(site))).host;
    const { auth } = site.web;
    // Empty without a login, so that no old password remains.
    const text = auth ? `${auth.user}:${auth.hash}\n` : '';
    const passwords = { path: passwordFile(site), text, group: site.server.webUser, mode: 0o640, secret: true };
    return [rootsFile(path, siteVhost({ site, web, socket, listen, host })), { ...local, once: true }, passwords];
  },
  async servedElsewhere(host, server, names) {
    const { conf, listen } = settingsOf(server);
    const own = `${nginxFolder(server)}/`;
    const blocks = await serverBlocks(host, conf, (pattern) => pattern.startsWith(own));
    return names.flatMap((name) => servedBy(name, blocks, listen));
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

function processOf(server: ServerContext): ServiceProcess {
  const { binary, conf, pidFile, unit } = settingsOf(server);
  const start = [binary, '-c', conf];
  return { unit, pidFile, start, reloadSignal: 'SIGHUP', stopSignal: 'SIGQUIT', foreground: false };
}

const rootsFile = (path: string, text: string): GeneratedFile => ({ path, text, group: 'root', mode: 0o644 });

const localVhost = (uri: string): string => `# Your own lines at the end of the vhost of ${hostName(uri)}.
# Aegir Console made this file once and never changes it. After a change: aegir site verify ${uri}
`;

/** nginx's messages of one level: `nginx: [warn] ...`, or with time and process before it once it has a log. */
const messagesOf = (output: string, level: string): string[] => [
  ...new Set(
    [...output.matchAll(new RegExp(`^[^\\[]*\\[(?:${level})\\] (?:\\d+#\\d+: )?(.*)$`, 'gm'))].map(
      ([, text = '']) => text,
    ),
  ),
];

function endpoint(listen: string): { address: string; port: number } {
  const [, address, port] = /^(?:(.+):)?(\d+)$/.exec(listen) ?? [];
  const named = address?.replace(/^\[(.*)\]$/, '$1') ?? '*';
  return { address: named === '*' ? '127.0.0.1' : named, port: Number(port ?? 80) };
}

/** Debian's and Ubuntu's packaged defaults. */
const PACKAGED = {
  binary: '/usr/sbin/nginx',
  conf: '/etc/nginx/nginx.conf',
  pidFile: '/run/nginx.pid',
  unit: 'nginx.service',
};

async function asPackaged(host: Host, version: string): Promise<ServiceContext> {
  const sixth = (await host.readText('/proc/net/if_inet6')) !== undefined;
  const settings = { ...PACKAGED, listen: sixth ? ['80', '[::]:80'] : ['80'] };
  return { kind: 'http', driver: 'nginx', version, settings };
}
