import type { Adoption, CodeTree, FoundSettings, FoundSite } from '../../engines/engine.ts';

/** Such a site, read anew by each step: nothing of it is ours to keep. */
export interface Found {
  adoption: Adoption;
  /** What was named, or an archive unpacked; absolute. */
  root: string;
  /** Its docroot, absolute, and as a tree. */
  folder: string;
  tree: CodeTree;
  /** undefined where nothing of it says so. */
  site: FoundSite | undefined;
  /** The name by which its content may know it. */
  name: string;
  settings: FoundSettings;
  /** A dump that came with it; '' without one. */
  dump: string;
}
