import { basename, extname } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { writeFileDurably } from 'durable-files';
import type { Volume, Voxels } from '../../volume';
import { encodeVoxels } from '../voxel-files';
import { type ElementType, elementTypes } from './element-types';
import { metaImageError } from './errors';

const deflateAsync = promisify(deflate);

/**
 * Writes a scan as `.mhd` with `.raw` (or `.zraw` when compressed) beside it, or as one file when `path` ends in `.mha`.
 * Voxels are written little-endian, in their own type (int16, float32 or float64) unless `elementType` asks for another,
 * which is refused with VOXELS_DO_NOT_FIT where it would change a value.
 *
 * The header is written last: an interrupted write leaves no header that promises what is not there.
 */
export async function writeMetaImage(
  path: string,
  volume: Volume,
  {
    compressed = false,
    elementType = elementTypeOf(volume.hu),
  }: { compressed?: boolean; elementType?: ElementType } = {},
): Promise<void> {
  const extension = extname(path);
  if (extension !== '.mhd' && extension !== '.mha') {
    throw metaImageError('METAIMAGE_BAD_EXTENSION', { file: path });
  }
  const raw = encodeVoxels(volume.hu, elementTypes[elementType]);
  const data = compressed ? await deflateAsync(raw) : raw;
  const packedBytes = compressed ? data.length : undefined;
  if (extension === '.mha') {
    await writeFileDurably(
      path,
      Buffer.concat([Buffer.from(headerText(volume, elementType, 'LOCAL', packedBytes)), data]),
    );
    return;
  }
  const dataPath = `${path.slice(0, -extension.length)}${compressed ? '.zraw' : '.raw'}`;
  await writeFileDurably(dataPath, data);
  await writeFileDurably(path, headerText(volume, elementType, basename(dataPath), packedBytes));
}

function headerText(
  volume: Volume,
  elementType: ElementType,
  dataFile: string,
  packedBytes: number | undefined,
): string {
  const [slices, rows, columns] = volume.size;
  const lines: [string, string][] = [
    ['ObjectType', 'Image'],
    ['NDims', '3'],
    ['BinaryData', 'True'],
    ['BinaryDataByteOrderMSB', 'False'],
    ['CompressedData', packedBytes === undefined ? 'False' : 'True'],
    ...(packedBytes === undefined ? [] : [['CompressedDataSize', String(packedBytes)] satisfies [string, string]]),
    ['TransformMatrix', volume.direction.join(' ')],
    ['Offset', volume.originXyz.join(' ')],
    ['CenterOfRotation', '0 0 0'],
    ['AnatomicalOrientation', 'RAI'],
    ['ElementSpacing', volume.spacingXyz.join(' ')],
    ['DimSize', `${columns} ${rows} ${slices}`],
    ['ElementType', elementType],
    // MetaImage's reader stops here, so this line has to be the last.
    ['ElementDataFile', dataFile],
  ];
  return lines.map(([key, value]) => `${key} = ${value}\n`).join('');
}

function elementTypeOf(hu: Voxels): ElementType {
  if (hu instanceof Int16Array) return 'MET_SHORT';
  return hu instanceof Float32Array ? 'MET_FLOAT' : 'MET_DOUBLE';
}
