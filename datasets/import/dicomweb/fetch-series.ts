import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DicomwebClient, RemoteSeries } from './client';

const AT_ONCE = 4;

/**
 * Brings a series from the server into a folder that only its owner can read, a file an instance, named by digests. What a
 * run that was cut off has brought is not asked for again.
 */
export async function fetchSeries(
  client: DicomwebClient,
  series: RemoteSeries,
  spool: string,
  onProgress?: (done: number, total: number) => void,
): Promise<string> {
  const dir = join(spool, nameOf(series.seriesUid));
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const instances = await client.listInstances(series);
  const queue = [...instances];
  let done = 0;
  const work = async () => {
    for (let uid = queue.pop(); uid !== undefined; uid = queue.pop()) {
      const path = join(dir, `${nameOf(uid)}.dcm`);
      if (!existsSync(path)) {
        const bytes = await client.fetchInstance(series, uid);
        await writeFile(`${path}.part`, bytes, { mode: 0o600 });
        await rename(`${path}.part`, path);
      }
      onProgress?.(++done, instances.length);
    }
  };
  await Promise.all(
    Array.from({ length: AT_ONCE }, () =>
      work().catch((error: unknown) => {
        queue.length = 0;
        throw error;
      }),
    ),
  );
  return dir;
}

function nameOf(uid: string): string {
  return createHash('sha256').update(uid).digest('hex').slice(0, 24);
}
