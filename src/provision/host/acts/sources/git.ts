import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../../model/errors.ts';
import { lastWords, runCommand } from '../../local/exec.ts';
import { refuse } from '../../policy.ts';
import { defineAct } from '../act.ts';
import { checkEmptyFolder } from './tools.ts';

/** Nothing of a repository is run: no hook, no helper of a protocol that its own address names, no question asked. */
const careful = {
  'core.hooksPath': '/dev/null',
  'protocol.allow': 'never',
  'protocol.https.allow': 'always',
  'protocol.http.allow': 'always',
  'protocol.ssh.allow': 'always',
  'protocol.git.allow': 'always',
  // Those that a person names, not those that a repository names as its parts (CVE-2022-39253).
  'protocol.file.allow': 'user',
};

export const sourceGit = defineAct('source.git', {
  args: z.strictObject({ url: z.string(), ref: z.string().regex(/^[\w./-]*$/), into: z.string() }),
  describe: ({ url, ref, into }) => `fetch ${ref || 'the default branch'} of ${url} into ${into}`,
  async run({ url, ref, into }, policy, live) {
    if (url.startsWith('-') || ref.startsWith('-')) refuse(`${url} ${ref} would be options`);
    checkEmptyFolder(policy, into);
    const git = async (...args: string[]): Promise<string> => {
      const config = Object.entries(careful).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      const command = { file: 'git', args: ['-C', into, ...config, ...args], env: environment(), timeoutMs: 1_800_000 };
      const result = await runCommand({ ...command, ...live });
      if (result.code === 0) return result.stdout;
      live.signal?.throwIfAborted();
      const hint = 'See its address, and whether root may read it: git ls-remote ADDRESS.';
      throw new AegirError('DOWNLOAD_FAILED', `git ${args[0]}: ${lastWords(result)}`, hint, 'from');
    };
    await git('init', '--quiet');
    await git('fetch', '--quiet', '--depth', '1', '--no-tags', '--', url, ref || 'HEAD');
    await git('checkout', '--quiet', '--detach', 'FETCH_HEAD');
    // Addresses of parts may be relative to the whole's.
    await git('config', 'remote.origin.url', url);
    await git('submodule', '--quiet', 'update', '--init', '--recursive', '--depth', '1');
    const commit = (await git('rev-parse', 'HEAD')).trim();
    rmSync(join(into, '.git'), { recursive: true, force: true });
    return { commit };
  },
});

/** As the person has set git and ssh up; with nobody at a keyboard. */
function environment(): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) =>
    /^(HOME|SSH_AUTH_SOCK|https?_proxy|no_proxy)$/i.test(name),
  );
  const asked = { GIT_TERMINAL_PROMPT: '0', GIT_SSH_COMMAND: 'ssh -oBatchMode=yes', GIT_ASKPASS: '/bin/false' };
  return { ...Object.fromEntries(own.map(([name, value]) => [name, value ?? ''])), ...asked };
}
