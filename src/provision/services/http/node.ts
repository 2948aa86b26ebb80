import { join } from 'node:path';
import { z } from 'zod';
import { type ServerContext, type SiteContext, serverPaths, serviceOf, sitePaths } from '../../model/context.ts';
import { frontFolder } from '../../model/paths.ts';
import type { WebFacts } from '../../model/service-facts.ts';
import { privateName, webNames } from '../../model/site-names.ts';
import { frontFile, stateOfFront, testFront } from '../front.ts';
import type { HttpDriver } from '../service.ts';
import { closedPage } from './closed-page.ts';

const settings = z.object({ address: z.string(), port: z.number().int() });

const settingsOf = (server: ServerContext) => settings.parse(serviceOf(server, 'http').settings);

/** The program's own web server, on a local address: for a trial or a small site, without root. */
export const node: HttpDriver = {
  kind: 'http',
  name: 'node',
  // It belongs to a root folder, not to the machine.
  detect: async () => [],
  state: async (host, server) => ((await stateOfFront(host, server)) ? 'running' : 'stopped'),
  async test(host, server) {
    await testFront(host, server);
    return [];
  },
  control: (host, _server, action) => host.act('front.control', { action, part: 'http' }),
  startedMs: async (host, server) => (await stateOfFront(host, server))?.startedMs ?? 0,
  // No configuration of the machine includes it.
  include: () => '',
  reads: (server, path) => path.startsWith(`${frontFolder(serverPaths(server))}/`) && !/\/php[^/]*$/.test(path),
  async generation(host, server) {
    const state = await stateOfFront(host, server);
    return state ? [state.generation] : [];
  },
  folders: (server) => [{ path: frontFolder(serverPaths(server)), group: 'root', mode: 0o700 }],
  serverFiles(server) {
    const { root, serviceLogs } = serverPaths(server);
    return [frontFile(server, 'server.json', { root, ...settingsOf(server), log: join(serviceLogs, 'front.log') })];
  },
  siteFiles: ({ site, web }) => [frontFile(site.server, `site-${site.handle}.json`, siteDocument(site, web))],
  // It has a port to itself.
  servedElsewhere: async () => [],
  probe(host, server, uri, path) {
    const { address, port } = settingsOf(server);
    return host.fetch({ address, port, host: `${uri}:${port}`, path, timeoutMs: 120_000 });
  },
  url: (server, uri) => `http://${uri}:${settingsOf(server).port}`,
};

function siteDocument(site: SiteContext, web: WebFacts): Record<string, unknown> {
  const { errorPage: _page, ...facts } = web;
  const { served, redirected } = webNames(site);
  return {
    handle: site.handle,
    names: served,
    redirected,
    redirect: site.web.redirect,
    closed: closedPage(site) ?? null,
    probe: privateName(site),
    noindex: site.web.noindex,
    auth: site.web.auth,
    ...facts,
    within: [site.platform.root, sitePaths(site).home],
    logs: sitePaths(site).logs,
    // Room for an upload of the maximum size and the other form fields, like post_max_size.
    bodyMb: site.php.uploadMb + 1,
    timeS: site.php.timeS,
  };
}
