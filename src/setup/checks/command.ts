import { dirname } from 'node:path';
import type { GeneratedFile } from '../../provision/model/generated-file.ts';
import type { Check, SetupContext } from '../check.ts';
import { completionScripts } from '../completion-scripts.ts';
import type { Shell } from '../family.ts';
import { type SetupTarget, systemPath } from '../target.ts';

/** `aegir` is a command in every shell. */
export const commandLink: Check = {
  id: 'command',
  title: 'Command aegir',
  async check({ host, target }) {
    const path = systemPath(target, target.family.files.command);
    const fact = await host.stat(path);
    if (fact?.kind === 'link' && fact.target === target.program) return undefined;
    if (fact && fact.kind !== 'link') {
      return {
        code: 'COMMAND_TAKEN',
        message: `${path} exists and is not ours`,
        hint: `Run the program as ${target.program}.`,
        warning: true,
      };
    }
    return {
      code: 'COMMAND_MISSING',
      message: `${path} is not a link to ${target.program}`,
      hint: `ln -s ${target.program} ${path}`,
    };
  },
  async fix({ host, target }) {
    const path = systemPath(target, target.family.files.command);
    const fact = await host.stat(path);
    if (fact && fact.kind !== 'link') return;
    if ((await host.stat(dirname(path))) === undefined) return;
    await host.act('link.make', { path, target: target.program });
  },
};

/** Every installed shell completes the arguments of `aegir`, and man(1) finds its manual. */
export const shellHelp: Check = {
  id: 'help',
  title: 'Manual and completion',
  async check(context) {
    const { host } = context;
    const missing: string[] = [];
    const manual = manualLink(context.target);
    const fact = await host.stat(manual.path);
    // A regular file was put there by somebody else.
    if (!fact || (fact.kind === 'link' && fact.target !== manual.target)) missing.push(manual.path);
    for (const { path, text } of await completions(context))
      if ((await host.readText(path)) !== text) missing.push(path);
    if (missing.length === 0) return undefined;
    return {
      code: 'HELP_MISSING',
      message: `not as it should be: ${missing.join(', ')}`,
      hint: 'aegir setup writes them.',
    };
  },
  async fix(context) {
    const { host } = context;
    const manual = manualLink(context.target);
    if (((await host.stat(manual.path))?.kind ?? 'link') === 'link') {
      await makeParents(context, manual.path);
      await host.act('link.make', manual);
    }
    for (const { path, text, mode } of await completions(context)) {
      await makeParents(context, path);
      await host.act('file.write', { path, text, mode });
    }
  },
};

const manualLink = (target: SetupTarget): { path: string; target: string } => ({
  path: systemPath(target, target.family.files.manual),
  target: target.manual,
});

/** One for each installed shell. */
async function completions({ host, target }: SetupContext): Promise<GeneratedFile[]> {
  const files: GeneratedFile[] = [];
  for (const [shell, { program, completion }] of Object.entries(target.family.shells)) {
    if ((await host.stat(systemPath(target, program))) === undefined) continue;
    const text = completionScripts[shell as Shell];
    files.push({ path: systemPath(target, completion), text, group: 'root', mode: 0o644 });
  }
  return files;
}

/** The system files that setup may write for this, with folders that it may have to create. */
export function shellHelpFiles(target: SetupTarget): string[] {
  const { files, shells } = target.family;
  const written = [files.manual, ...Object.values(shells).map(({ completion }) => completion)];
  return [...written.flatMap(parentsOf), ...written].map((path) => systemPath(target, path)).concat(target.manual);
}

/** The folders above a file that a machine may lack: /usr, /usr/local, /usr/local/share and /etc always exist. */
const parentsOf = (path: string): string[] => {
  const folder = dirname(path);
  return ['/usr/local/share', '/etc'].includes(folder) ? [] : [...parentsOf(folder), folder];
};

async function makeParents({ host, target }: SetupContext, path: string): Promise<void> {
  const plain = path.slice(target.prefix.length);
  for (const folder of parentsOf(plain).map((one) => systemPath(target, one))) {
    if ((await host.stat(folder)) === undefined)
      await host.act('folder.make', { path: folder, owner: 'root', group: 'root', mode: 0o755 });
  }
}
