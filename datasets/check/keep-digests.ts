import { join } from 'node:path';
import { locateMetaImage } from '../formats/metaimage';
import { describeScans } from '../scan-files';
import type { ReadableScan } from './judge-scans';

/** Leaves the digests where opening the dataset looks for them, so that it need not read the scans again. */
export async function keepDigests(dir: string, readable: readonly ReadableScan[]): Promise<void> {
  const files = await Promise.all(
    readable.map(async ({ file, inspection: { digest, fingerprint, geometry } }) => {
      const path = join(dir, file);
      const { dataPaths } = await locateMetaImage(path);
      return { file, paths: [path, ...dataPaths], read: () => Promise.resolve({ digest, fingerprint, geometry }) };
    }),
  );
  await describeScans(dir, files);
}
