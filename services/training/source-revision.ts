import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Lineage } from 'model-bundle';

const run = promisify(execFile);

/** The commit that this code is at, and whether tracked files differ from it; null outside of a git checkout. */
export async function sourceRevision(): Promise<Lineage['git']> {
  const git = async (...args: string[]) => (await run('git', args, { cwd: __dirname })).stdout.trim();
  try {
    const commit = await git('rev-parse', 'HEAD');
    return { commit, dirty: (await git('status', '--porcelain', '--untracked-files=no')) !== '' };
  } catch {
    return null;
  }
}
