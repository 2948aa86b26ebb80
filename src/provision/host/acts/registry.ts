import { AegirError } from '../../model/errors.ts';
import '../../model/schema-messages.ts';
import type { RootActs, RootVerb } from '../root-acts.ts';
import type { Act } from './act.ts';
import { backupExport, backupOpen } from './backups.ts';
import { dbAccountAdd, dbAccountRemove, dbCreate, dbDrop, dbGrant, dbList, dbSize } from './databases.ts';
import { fileRemove, fileWrite, folderMake } from './files.ts';
import { foundDatabase, foundDump, foundFiles } from './found.ts';
import { frontControl } from './front.ts';
import { linkMake, linkRemove } from './links.ts';
import { packageInstall, unitEnable, unitStop } from './packages.ts';
import { serviceControl } from './services.ts';
import { sourceComposer } from './sources/composer.ts';
import { sourceDebian } from './sources/debian.ts';
import { sourceCheck, sourceDownload } from './sources/download.ts';
import { sourceGit } from './sources/git.ts';
import { sourceNpm, sourceParts } from './sources/npm.ts';
import { sourceUnpack } from './sources/unpack.ts';
import { streamCheck, streamCopy, streamLoad, streamSave } from './streams.ts';
import { userTerminal } from './terminal.ts';
import { treeOwn } from './tree-own.ts';
import { treeRemove, treeRename, treeSeal } from './trees.ts';
import { userAdd, userDrain, userRemove, userRun, userStop } from './users.ts';
import { wasmInstall } from './wasm-install.ts';

/** The closed list: every act, by its verb. */
const acts: { [V in RootVerb]: Act<V> } = {
  'user.add': userAdd,
  'user.remove': userRemove,
  'user.stop': userStop,
  'user.drain': userDrain,
  'user.run': userRun,
  'user.terminal': userTerminal,
  'folder.make': folderMake,
  'file.write': fileWrite,
  'file.remove': fileRemove,
  'link.make': linkMake,
  'link.remove': linkRemove,
  'tree.remove': treeRemove,
  'tree.seal': treeSeal,
  'tree.own': treeOwn,
  'tree.rename': treeRename,
  'source.debian': sourceDebian,
  'source.download': sourceDownload,
  'source.npm': sourceNpm,
  'source.parts': sourceParts,
  'source.git': sourceGit,
  'source.composer': sourceComposer,
  'wasm.install': wasmInstall,
  'source.check': sourceCheck,
  'source.unpack': sourceUnpack,
  'package.install': packageInstall,
  'unit.enable': unitEnable,
  'unit.stop': unitStop,
  'service.control': serviceControl,
  'front.control': frontControl,
  'backup.export': backupExport,
  'backup.open': backupOpen,
  'found.files': foundFiles,
  'found.dump': foundDump,
  'found.database': foundDatabase,
  'stream.save': streamSave,
  'stream.load': streamLoad,
  'stream.check': streamCheck,
  'stream.copy': streamCopy,
  'db.create': dbCreate,
  'db.drop': dbDrop,
  'db.account.add': dbAccountAdd,
  'db.grant': dbGrant,
  'db.account.remove': dbAccountRemove,
  'db.size': dbSize,
  'db.list': dbList,
};

/** An act by its verb, with arguments checked by its schema. Throws `ACT_REFUSED`. */
export function checkedAct<V extends RootVerb>(verb: V, args: unknown): { act: Act<V>; args: RootActs[V]['args'] } {
  const act: Act<V> | undefined = Object.hasOwn(acts, verb) ? acts[verb] : undefined;
  if (!act) throw new AegirError('ACT_REFUSED', `there is no act ${verb}`, 'Nothing was done.');
  const checked = act.args.safeParse(args);
  if (checked.success) return { act, args: checked.data };
  const [issue] = checked.error.issues;
  throw new AegirError('ACT_REFUSED', `${verb}: ${issue?.path.join('.')} ${issue?.message}`, 'Nothing was done.');
}
