import type { Adoption, CodeTree, FoundSettings, FoundSite } from '../../engines/engine.ts';

/** A separately installed site, read again by each step: nothing of it is kept. */
export interface Found {
  adoption: Adoption;
  /** The given folder, or the unpacked archive; absolute. */
  root: string;
  /** Its docroot, as an absolute path and as a tree. */
  folder: string;
  tree: CodeTree;
  /** undefined if it has no settings. */
  site: FoundSite | undefined;
  /** The name that its content may mention. */
  name: string;
  settings: FoundSettings;
  /** A dump found with it; '' without one. */
  dump: string;
}
