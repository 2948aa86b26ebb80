import { z } from 'zod';
import '../model/schema-messages.ts';

/**
 * The JSON files of the front process, written by the drivers of the embedded services: one per server and two per
 * site. They play the part of vhosts and pools for nginx and PHP-FPM.
 */

/** `server.json`: where the front listens. */
export const frontServer = z.strictObject({
  notice: z.string(),
  root: z.string(),
  address: z.string(),
  port: z.number().int().min(1).max(65535),
  log: z.string(),
});
export type FrontServer = z.infer<typeof frontServer>;

/** `php.json`: which PHP the front starts. All paths are absolute. */
export const frontPhp = z.discriminatedUnion('kind', [
  /** PHP-FPM as an ordinary user, with one pool per site. */
  z.strictObject({
    notice: z.string(),
    kind: z.literal('fpm'),
    binary: z.string(),
    conf: z.string(),
    pidFile: z.string(),
    log: z.string(),
    /** PHP-FPM refuses to run as root without a flag. */
    asRoot: z.boolean(),
  }),
  /** PHP's own web server, one process per site. */
  z.strictObject({ notice: z.string(), kind: z.literal('cli'), binary: z.string(), router: z.string() }),
  /** PHP in WebAssembly: `workers` processes for all sites. */
  z.strictObject({
    notice: z.string(),
    kind: z.literal('wasm'),
    /** The folder whose node_modules contains @php-wasm/node. */
    packages: z.string(),
    /** '8.4' */
    branch: z.string(),
    workers: z.number().int().min(1),
    sockets: z.string(),
    /** A process that uses more memory than this is replaced, in MB. */
    memoryMb: z.number().int(),
  }),
]);
export type FrontPhp = z.infer<typeof frontPhp>;

/** `site-HANDLE.json`: what is served under which names; see WebFacts. */
export const frontSite = z.strictObject({
  notice: z.string(),
  handle: z.string(),
  names: z.array(z.string()).min(1),
  /** Names that redirect to the one in `redirect`. */
  redirected: z.array(z.string()).default([]),
  redirect: z.string().default(''),
  /** Page that every address answers with instead of the site. */
  closed: z
    .strictObject({ status: z.union([z.literal(503), z.literal(404)]), html: z.string() })
    .nullable()
    .default(null),
  /** A secret name under which a site that is closed, or asks for a password, is served nonetheless. */
  probe: z.string().default(''),
  noindex: z.boolean().default(false),
  /** The required login; the hash is `{SSHA}` with SHA-1 of password and salt, then the salt, in base 64. */
  auth: z.strictObject({ user: z.string(), hash: z.string() }).nullable().default(null),
  docroot: z.string(),
  frontController: z.string(),
  entryPoints: z.array(
    z.strictObject({ path: z.string().optional(), pattern: z.string().optional(), pathInfo: z.boolean().optional() }),
  ),
  denied: z.array(z.string()),
  folders: z.array(z.strictObject({ url: z.string(), path: z.string(), fallback: z.boolean().optional() })),
  rewrites: z.array(z.strictObject({ pattern: z.string(), to: z.string() })),
  params: z.record(z.string(), z.string()),
  /** Folders in which a file may lie after links are resolved. */
  within: z.array(z.string()),
  logs: z.string(),
  bodyMb: z.number(),
  /** Longest time of a request, in seconds. */
  timeS: z.number(),
});
export type FrontSite = z.infer<typeof frontSite>;

/** `php-HANDLE.json`: how PHP runs for a site. */
export const frontPool = z.strictObject({
  notice: z.string(),
  handle: z.string(),
  /** php.ini settings. */
  ini: z.record(z.string(), z.string()),
  env: z.record(z.string(), z.string()),
  /** How many requests run in parallel. */
  children: z.number().int().min(1),
  /** The socket of PHP-FPM; '' for other kinds. */
  socket: z.string(),
});
export type FrontPool = z.infer<typeof frontPool>;

/** The front's answer on its control socket: that it runs, for which root, and how often it has loaded its files. */
export const frontState = z.object({
  pid: z.number().int(),
  root: z.string(),
  port: z.number().int(),
  generation: z.string(),
  startedMs: z.number(),
  php: z.object({ kind: z.string(), running: z.number(), restarts: z.number() }),
  /** How many requests PHP is working on, by handle. */
  busy: z.record(z.string(), z.number()).default({}),
});
export type FrontState = z.infer<typeof frontState>;
