import { join } from 'node:path';
import { type Irc, type Volume, type Xyz, readVolume } from '../../datasets';

/** The real chest CT beside the checkout, in HU. */
export function readRealCt(dataDir: string): Promise<Volume> {
  return readVolume(join(dataDir, 'ct-lung-dicom.zip'));
}

/** The part of a scan from `start` on; world coordinates stay what they were. */
export function crop(volume: Volume, start: Irc, size: Irc): Volume {
  const hu = new Int16Array(size[0] * size[1] * size[2]);
  for (let slice = 0; slice < size[0]; slice++) {
    for (let row = 0; row < size[1]; row++) {
      const from = ((slice + start[0]) * volume.size[1] + row + start[1]) * volume.size[2] + start[2];
      hu.set(volume.hu.subarray(from, from + size[2]), (slice * size[1] + row) * size[2]);
    }
  }
  const originXyz = volume.originXyz.map((edge, axis) => edge + start[2 - axis]! * volume.spacingXyz[axis]!);
  return { ...volume, hu, size, originXyz: originXyz as unknown as Xyz };
}
