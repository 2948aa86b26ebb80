import type { ServerContext, ServiceContext, SiteContext } from '../context.ts';
import type { DatabaseAccess, WebFacts } from '../engines/engine.ts';
import type { GeneratedFile } from '../generated-file.ts';
import type { Host } from '../host/host.ts';
import type { ServiceProcess } from '../host/root-acts.ts';

export type ServiceState = 'running' | 'stopped' | 'absent';

/** What every service driver can do. */
export interface ServiceDriver {
  name: string;
  /** Finds the service as the distribution installs it; undefined where it is not installed. */
  detect(host: Host): Promise<ServiceContext | undefined>;
  state(host: Host, server: ServerContext): Promise<ServiceState>;
  /** Tests the whole configuration; throws AegirError with the daemon's own words. */
  test(host: Host, server: ServerContext): Promise<void>;
  process(server: ServerContext): ServiceProcess;
}

/** A driver whose configuration has a file for each site. */
export interface SiteServiceDriver extends ServiceDriver {
  /** Configuration that does not belong to a site. */
  serverFiles(server: ServerContext): GeneratedFile[];
  siteFiles(site: SiteContext, web: WebFacts, readable: string[]): GeneratedFile[];
}

export interface DatabaseDriver extends ServiceDriver {
  access(site: SiteContext): DatabaseAccess;
}
