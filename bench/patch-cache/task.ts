import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from 'durable-files';
import { seededRandom } from 'seeded-random';
import { type Candidate, type Dataset, type Irc, type Volume, ircToXyz, openPatchCache } from '../../datasets';

/** A cache that our side and NumPy read, and what is asked of both. */
export interface PatchCacheTask {
  folder: string;
  cacheDir: string;
  /** Files of the cache: int16 `[perScan, 32, 48, 48]` each. */
  files: string[];
  scans: number;
  perScan: number;
  batchSize: number;
  workers: number;
}

const SIZE: Irc = [64, 128, 128];
const SPACING = [0.7, 0.7, 1.25] as const;
const ORIGIN = [0, 0, 0] as const;

/** A dataset in memory: blobs in noise, the same for both sides. */
export function benchDataset({ scans, perScan }: Pick<PatchCacheTask, 'scans' | 'perScan'>): Dataset {
  const uids = Array.from({ length: scans }, (_, i) => `bench-${i}`);
  const geometry = {
    size: SIZE,
    spacingXyz: SPACING,
    originXyz: ORIGIN,
    direction: [1, 0, 0, 0, 1, 0, 0, 0, 1] as const,
  };
  const volumeOf = (scan: number): Volume => {
    const random = seededRandom(`scan ${scan}`);
    const hu = Int16Array.from({ length: SIZE[0] * SIZE[1] * SIZE[2] }, () => random.integer(1800) - 1000);
    return { ...geometry, hu };
  };
  const candidates = uids.flatMap((seriesUid, scan) => {
    const random = seededRandom(`places ${scan}`);
    return Array.from({ length: perScan }, (_, i): Candidate => {
      const irc = SIZE.map((length) => random.integer(length)) as unknown as Irc;
      const xyz = ircToXyz(irc, geometry);
      return { id: `${scan}-${i}`, seriesUid, xyz, label: i % 2 === 0 ? 1 : 0, diameterMm: null };
    });
  });
  const series = uids.map((seriesUid) => ({
    seriesUid,
    patientId: seriesUid,
    digest: sha256(seriesUid),
    file: `${seriesUid}.mhd`,
    size: SIZE,
    spacingXyz: SPACING,
  }));
  const labels = ['other', 'nodule'] as const;
  return {
    dir: '',
    manifest: { name: 'bench', labels, digest: sha256('bench'), synthetic: true, series, candidates, annotations: [] },
    absent: { series: 0, candidates: 0 },
    volume: (seriesUid) => Promise.resolve(volumeOf(uids.indexOf(seriesUid))),
  };
}

export async function layOutCache(
  options: Omit<PatchCacheTask, 'folder' | 'cacheDir' | 'files'>,
): Promise<PatchCacheTask> {
  const folder = await mkdtemp(join(tmpdir(), 'lungate-bench-'));
  const cacheDir = join(folder, 'patches');
  const dataset = benchDataset(options);
  const { layout } = await openPatchCache(dataset, dataset.manifest.candidates, { cacheDir, workers: 0 });
  return { ...options, folder, cacheDir, files: layout.files };
}
