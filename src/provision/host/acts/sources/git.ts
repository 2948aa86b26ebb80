import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../../model/errors.ts';
import { lastOutput, runCommand } from '../../local/exec.ts';
import { refuse } from '../../policy.ts';
import { defineAct } from '../act.ts';
import { checkEmptyFolder } from './tools.ts';

/** Runs nothing that a repository names: no hook, no remote helper; and asks no questions. */
const careful = {
  'core.hooksPath': '/dev/null',
  'protocol.allow': 'never',
  'protocol.https.allow': 'always',
  'protocol.http.allow': 'always',
  'protocol.ssh.allow': 'always',
  'protocol.git.allow': 'always',
  // Local paths given by a person are allowed, but not as submodules of a repository (CVE-2022-39253).
  'protocol.file.allow': 'user',
};

export const sourceGit = defineAct('source.git', {
  args: z.strictObject({ url: z.string(), ref: z.string().regex(/^[\w./-]*$/), into: z.string() }),
  describe: ({ url, ref, into }) => `fetch ${ref || 'the default branch'} of ${url} into ${into}`,
  async run({ url, ref, into }, policy, live) {
    if (url.startsWith('-') || ref.startsWith('-')) refuse(`${url} ${ref} begins with "-"`);
    checkEmptyFolder(policy, into);
    const git = async (...args: string[]): Promise<string> => {
      const config = Object.entries(careful).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      const command = { file: 'git', args: ['-C', into, ...config, ...args], env: environment(), timeoutMs: 1_800_000 };
      const result = await runCommand({ ...command, ...live });
      if (result.code === 0) return result.stdout;
      live.signal?.throwIfAborted();
      const hint = 'Check its address, and whether root may read it: git ls-remote ADDRESS.';
      throw new AegirError('DOWNLOAD_FAILED', `git ${args[0]}: ${lastOutput(result)}`, hint, 'from');
    };
    await git('init', '--quiet');
    await git('fetch', '--quiet', '--depth', '1', '--no-tags', '--', url, ref || 'HEAD');
    await git('checkout', '--quiet', '--detach', 'FETCH_HEAD');
    // Addresses of submodules may be relative to that of the repository.
    await git('config', 'remote.origin.url', url);
    await git('submodule', '--quiet', 'update', '--init', '--recursive', '--depth', '1');
    const commit = (await git('rev-parse', 'HEAD')).trim();
    rmSync(join(into, '.git'), { recursive: true, force: true });
    return { commit };
  },
});

/** The person's configuration of git and ssh applies, but nothing may prompt. */
function environment(): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) =>
    /^(HOME|SSH_AUTH_SOCK|https?_proxy|no_proxy)$/i.test(name),
  );
  const asked = { GIT_TERMINAL_PROMPT: '0', GIT_SSH_COMMAND: 'ssh -oBatchMode=yes', GIT_ASKPASS: '/bin/false' };
  return { ...Object.fromEntries(own.map(([name, value]) => [name, value ?? ''])), ...asked };
}
