import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from 'durable-files';
import { readMetaImage, writeMetaImage } from '../../datasets/formats';
import type { Candidate, Dataset } from '../../datasets/manifest';
import { type Irc, type Volume, ircToXyz } from '../../datasets/volume';

/** For tests: scans on disk whose every voxel tells its scan and place, with candidates all over them. */
export async function makeDataset(
  dir: string,
  { scans, perScan, size = [10, 12, 14] }: { scans: number; perScan: number; size?: Irc },
): Promise<Dataset & { reads: string[] }> {
  await mkdir(dir, { recursive: true });
  const uids = Array.from({ length: scans }, (_, i) => `scan-${i}`);
  const geometry = {
    size,
    spacingXyz: [0.7, 0.6, 2.5],
    originXyz: [100, -40, 7],
    direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  } as const;
  const volumeOf = (scan: number): Volume => ({
    ...geometry,
    hu: Int16Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => ((i * 7 + scan * 131) % 2000) - 1000),
  });
  for (const [scan, uid] of uids.entries()) await writeMetaImage(join(dir, `${uid}.mhd`), volumeOf(scan));
  const candidates = uids.flatMap((seriesUid, scan) =>
    Array.from({ length: perScan }, (_, i): Candidate => {
      const irc: Irc = [i % size[0], (3 * i) % size[1], (5 * i + scan) % size[2]];
      const label = i % 3 === 0 ? 1 : 0;
      return {
        id: `${scan}-${i}`,
        seriesUid,
        xyz: ircToXyz(irc, geometry),
        label,
        diameterMm: label ? 3 + i : null,
      };
    }),
  );
  const reads: string[] = [];
  return {
    dir,
    reads,
    manifest: {
      name: 'made',
      labels: ['other', 'nodule'],
      digest: sha256('made'),
      synthetic: true,
      series: uids.map((seriesUid, scan) => ({
        seriesUid,
        patientId: `patient-${scan}`,
        digest: sha256(`${scan} ${size.join()}`),
        file: `${seriesUid}.mhd`,
        size,
        spacingXyz: [0.7, 0.6, 2.5],
      })),
      candidates,
      annotations: [],
    },
    absent: { series: 0, candidates: 0 },
    volume(seriesUid) {
      reads.push(seriesUid);
      return readMetaImage(join(dir, `${seriesUid}.mhd`));
    },
  };
}

/** The same scans as a folder in LUNA16's layout, half of them compressed. */
export async function makeLuna16(dir: string, options: { scans: number; perScan: number; size: Irc }): Promise<void> {
  const { manifest, volume } = await makeDataset(join(dir, 'subset0'), options);
  for (const [number, { seriesUid, file }] of manifest.series.entries()) {
    if (number % 2 === 0)
      await writeMetaImage(join(dir, 'subset0', file), await volume(seriesUid), { compressed: true });
  }
  const candidates = manifest.candidates.map(({ seriesUid, xyz, label }) => [seriesUid, ...xyz, label].join());
  const annotations = manifest.candidates
    .filter(({ label }) => label === 1)
    .map(({ seriesUid, xyz, diameterMm }) => [seriesUid, ...xyz, diameterMm].join());
  const table = (header: string, rows: string[]) => `${[header, ...rows].join('\n')}\n`;
  await writeFile(join(dir, 'candidates_V2.csv'), table('seriesuid,coordX,coordY,coordZ,class', candidates));
  await writeFile(join(dir, 'annotations.csv'), table('seriesuid,coordX,coordY,coordZ,diameter_mm', annotations));
}
