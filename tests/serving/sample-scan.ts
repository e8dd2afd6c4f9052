import { type Geometry, IDENTITY_DIRECTION, type Irc, type Volume } from '../../datasets';

/** A scan of one value everywhere but in a block around `nodule`. */
export function sampleScan({ background = -800, nodule = [20, 30, 30] as Irc, noduleHu = 100 } = {}): Volume {
  const size: Irc = [40, 60, 64];
  const hu = new Int16Array(size[0] * size[1] * size[2]).fill(background);
  const near = (index: number, centre: number) => Math.abs(index - centre) <= 8;
  for (let slice = 0; slice < size[0]; slice++) {
    for (let row = 0; row < size[1]; row++) {
      for (let column = 0; column < size[2]; column++) {
        const inside = near(slice, nodule[0]) && near(row, nodule[1]) && near(column, nodule[2]);
        if (inside) hu[(slice * size[1] + row) * size[2] + column] = noduleHu;
      }
    }
  }
  return { hu, size, spacingXyz: [0.7, 0.7, 1.25], originXyz: [-150, -120, -300], direction: IDENTITY_DIRECTION };
}

/** The header of an int16 scan; `LOCAL` makes it the beginning of an .mha file. */
export function mhdHeader(
  { size, spacingXyz, originXyz, direction }: Geometry,
  dataFile: string,
  compressed = false,
): string {
  return `ObjectType = Image
NDims = 3
BinaryData = True
BinaryDataByteOrderMSB = False
CompressedData = ${compressed ? 'True' : 'False'}
TransformMatrix = ${direction.join(' ')}
Offset = ${originXyz.join(' ')}
ElementSpacing = ${spacingXyz.join(' ')}
DimSize = ${[...size].reverse().join(' ')}
ElementType = MET_SHORT
ElementDataFile = ${dataFile}
`;
}

export function voxelBytes({ hu }: Volume): Buffer {
  return Buffer.from(hu.buffer, hu.byteOffset, hu.byteLength);
}

export function toMha(volume: Volume): Buffer {
  return Buffer.concat([Buffer.from(mhdHeader(volume, 'LOCAL')), voxelBytes(volume)]);
}
