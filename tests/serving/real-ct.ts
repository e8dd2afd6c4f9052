import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DataSet, parseDicom } from 'dicom-parser';
import { unzipSync } from 'fflate';
import { IDENTITY_DIRECTION, type Irc, type Volume, type Xyz } from '../../datasets';

/** The real chest CT beside the checkout: uncompressed axial slices, ordered by ascending z, in HU. */
export function readRealCt(dataDir: string): Volume {
  const files = Object.values(unzipSync(readFileSync(join(dataDir, 'ct-lung-dicom.zip'))));
  const slices = files.map((bytes) => parseDicom(bytes)).sort((a, b) => positionOf(a)[2] - positionOf(b)[2]);
  const first = slices[0]!;
  const size: Irc = [slices.length, first.uint16('x00280010')!, first.uint16('x00280011')!];
  const [rowSpacing, columnSpacing] = numbers(first, 'x00280030') as [number, number];
  const hu = new Int16Array(size[0] * size[1] * size[2]);
  slices.forEach((slice, index) => {
    const { dataOffset, length } = slice.elements['x7fe00010']!;
    const stored = new Int16Array(slice.byteArray.slice(dataOffset, dataOffset + length).buffer);
    const slope = slice.floatString('x00281053')!;
    const intercept = slice.floatString('x00281052')!;
    hu.set(
      stored.map((value) => value * slope + intercept),
      index * stored.length,
    );
  });
  return {
    hu,
    size,
    spacingXyz: [columnSpacing, rowSpacing, positionOf(slices[1]!)[2] - positionOf(first)[2]],
    originXyz: positionOf(first),
    direction: IDENTITY_DIRECTION,
  };
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

function positionOf(slice: DataSet): Xyz {
  return numbers(slice, 'x00200032') as unknown as Xyz;
}

function numbers(slice: DataSet, tag: string): number[] {
  return slice.string(tag)!.split('\\').map(Number);
}
