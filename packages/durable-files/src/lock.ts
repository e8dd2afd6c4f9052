import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lock } from 'proper-lockfile';

/**
 * Runs `work` while holding `<path>.lock`, so that one process at a time is in it.
 * A lock left by a killed process is taken over 10 s after its last sign of life.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, waitSeconds = 15): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const release = await lock(path, {
    realpath: false,
    stale: 10_000,
    update: 2_000,
    retries: { retries: Math.ceil(waitSeconds * 5), factor: 1, minTimeout: 200, maxTimeout: 200 },
  });
  try {
    return await work();
  } finally {
    await release();
  }
}
