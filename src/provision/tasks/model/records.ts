import type { PackageDifference } from '../../engines/compare-packages.ts';
import type { ErrorDocument, Json } from '../../model/errors.ts';

/** Why something cannot be done now, and what would allow it. */
export type Refusal = ErrorDocument;

/** A site as the inventory has it. */
export interface SiteRecord {
  uri: string;
  aliases: string[];
  platform: string;
  engine: string;
  version: string;
  client: string;
  title: string;
  profile: string;
  language: string;
  adminName: string;
  adminMail: string;
  php: Record<string, number>;
  /** Its settings for visitors; see siteWeb. */
  web: Record<string, unknown>;
  state: 'installing' | 'enabled' | 'disabled' | 'failed' | 'deleting';
  lockReason: string | null;
  diskBytes: number | null;
}

/** A platform as the inventory has it. */
export interface PlatformRecord {
  name: string;
  root: string;
  source: string;
  engine: string;
  version: string;
  php: string;
  state: 'adding' | 'ready' | 'failed' | 'deleting';
  lockReason: string | null;
}

/** A backup as the inventory has it. */
export interface BackupRecord {
  name: string;
  uri: string;
  platform: string;
  engine: string;
  version: string;
  bytes: number;
  /** The facts from which its site is recreated. */
  site: {
    title: string;
    profile: string;
    language: string;
    admin: { name: string; mail: string };
    php: Record<string, number>;
    aliases?: string[];
    web?: Record<string, unknown>;
    /** Its files after unpacking, in bytes, if that is known. */
    filesBytes?: number;
  };
}

/** A server as the inventory has it. */
export interface ServerRecord {
  name: string;
  services: { kind: string; driver: string; version: string }[];
}

/** What each kind of object is recorded as. */
export interface ObjectRecords {
  server: ServerRecord;
  platform: PlatformRecord;
  site: SiteRecord;
}

/** The kinds of objects that have tasks. */
export type ObjectKind = keyof ObjectRecords;

/** What a move to another platform would mean for a site. */
export interface MoveRecord {
  /** Why it cannot move. `canBeMeant`: a person may override it. */
  blocked: (Refusal & { canBeMeant: boolean })[];
  /** The packages it uses that change. */
  changes: PackageDifference[];
  /** Things worth knowing, such as that its packages are unknown. */
  notes: string[];
}

/** What is recorded about the objects of a program, for the rules by which its tasks are queued: read when asked. */
export interface Records {
  server(name: string): ServerRecord | undefined;
  site(uri: string): SiteRecord | undefined;
  platform(name: string): PlatformRecord | undefined;
  backup(name: string): BackupRecord | undefined;
  /** The names of the newest backups of a site, or of all. */
  newestBackups(uri?: string): string[];
  /** The size of a backup's files after unpacking. */
  unpackedBytes(backup: BackupRecord): number;
  /** The URI of the site that has a name as its URI or an alias. */
  ownerOfName(name: string): string | undefined;
  hasClient(name: string): boolean;
  /** Throws `QUOTA_REACHED` if a client cannot have one more site of so many bytes. */
  checkQuota(client: string, bytes?: number): void;
  /** True while a site is being created, and if an unsuccessful creation could not be undone. */
  isInMaking(uri: string): boolean;
  /** True if a task of the object is queued or running. */
  isBusy(kind: ObjectKind, name: string): boolean;
  /** Why nothing can be done with an object whose task could not be undone or finished. */
  unfinished(kind: ObjectKind, name: string): Refusal | undefined;
  /** True if a site can go back to the release before its last migration. */
  hasKept(uri: string): boolean;
  /** The number of a platform's sites, and at most `limit` of their URIs; sites that can go back to it. */
  sitesOn(platform: string, limit: number): { count: number; first: string[] };
  sitesKeptOn(platform: string): string[];
  /** The schedules of a site by task type. */
  schedulesOf(uri: string): { type: string; minutes: number; args: Record<string, Json> }[];
  moveOf(uri: string, platform: string): MoveRecord | undefined;
  /** Whether a site is backed up before it is deleted, and the file that says so. */
  backupBeforeDelete(): { policy: 'always' | 'ask' | 'never'; file: string };
}

/** The facts of a site that a task will create, with which its row is made. */
export interface NewSite
  extends Pick<SiteRecord, 'platform' | 'client' | 'title' | 'profile' | 'language' | 'adminName' | 'adminMail'> {
  kind: 'site';
  php: Record<string, unknown>;
  /** Its size on disk, if known. */
  bytes?: number;
  aliases?: string[];
  web?: Record<string, unknown>;
}

/** The same of a platform. */
export interface NewPlatform {
  kind: 'platform';
  source: string;
}

/** How a task makes the row of the object that it creates. */
export interface Creation<A> {
  /** True if it is made of an object of the same kind, which the argument `source` names. */
  copies?: boolean;
  /** Throws AegirError if something that it depends on is missing. */
  row(records: Records, name: string, args: A): NewSite | NewPlatform;
}

/** A refusal. */
export const refuse = (code: string, message: string, hint: string): Refusal => ({ code, message, hint });
