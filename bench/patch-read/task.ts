import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from 'seeded-random';
import { type Irc, type Xyz, type Volume, ircToXyz, writeMetaImage } from '../../datasets';

/** Scans of a usual size, and places in them where a patch is to be read; all sides read the same. */
export interface PatchReadTask {
  folder: string;
  scans: string[];
  places: { scan: number; xyz: Xyz }[];
}

const SIZE: Irc = [200, 512, 512];

/** Noise of CT's range: uncompressed, as LUNA16's scans are. */
export async function layOutScans(scans: number, places: number): Promise<PatchReadTask> {
  const folder = await mkdtemp(join(tmpdir(), 'lungate-bench-'));
  const random = seededRandom(5);
  const volume: Volume = {
    hu: new Int16Array(SIZE[0] * SIZE[1] * SIZE[2]),
    size: SIZE,
    spacingXyz: [0.7, 0.7, 1.25],
    originXyz: [-180, -170, -300],
    direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  };
  const paths = Array.from({ length: scans }, (_, scan) => join(folder, `${scan}.mhd`));
  for (const path of paths) {
    for (let i = 0; i < volume.hu.length; i++) volume.hu[i] = random.integer(2600) - 1200;
    await writeMetaImage(path, volume);
  }
  const place = () => {
    const irc = SIZE.map((length) => random.integer(length)) as unknown as Irc;
    return { scan: random.integer(scans), xyz: ircToXyz(irc, volume) };
  };
  return { folder, scans: paths, places: Array.from({ length: places }, place) };
}
