import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { writeFileDurably } from 'durable-files';
import { type Volume, affineOf, swapLpsRas } from '../../volume';
import { niftiError } from './errors';
import { quaternionOf } from './orientation';

const gzipAsync = promisify(gzip);

/** Of the header and the four bytes that say it has no extension. */
const VOXELS_AT = 352;
const SCANNER_ANATOMICAL = 1;
const MILLIMETRE = 2;

/**
 * Writes a scan as NIfTI-1, `.nii` or `.nii.gz`: voxels in their own type, little-endian and not rescaled; its place as
 * sform and, where the directions are at right angles, as qform too. NIfTI-1 holds places in float32.
 */
export async function writeNifti(path: string, volume: Volume): Promise<void> {
  const packed = path.endsWith('.nii.gz');
  if (!packed && !path.endsWith('.nii')) throw niftiError('NIFTI_BAD_EXTENSION', { file: path });
  const { hu } = volume;
  const content = Buffer.concat([niftiHeader(volume), new Uint8Array(hu.buffer, hu.byteOffset, hu.byteLength)]);
  await writeFileDurably(path, packed ? await gzipAsync(content) : content);
}

/**
 * The 352 bytes that make a NIfTI-1 file of a scan whose voxels follow, little-endian in their own type.
 *
 * @throws CodedError NIFTI_AXIS_TOO_LONG beyond 32,767 voxels.
 */
export function niftiHeader({ hu, size, spacingXyz, originXyz, direction }: Volume): Buffer {
  const [slices, rows, columns] = size;
  if (Math.max(...size) > 32767) throw niftiError('NIFTI_AXIS_TOO_LONG', { size: size.join(' × ') });
  const ras = swapLpsRas(affineOf({ spacingXyz, originXyz, direction }));
  const rotation = quaternionOf(direction.map((value, i) => (i % 3 < 2 ? -value : value)));
  const header = Buffer.alloc(VOXELS_AT);
  const shorts = (at: number, values: readonly number[]) => {
    values.forEach((value, i) => header.writeInt16LE(value, at + 2 * i));
  };
  const floats = (at: number, values: readonly number[]) => {
    values.forEach((value, i) => header.writeFloatLE(value, at + 4 * i));
  };
  header.writeInt32LE(348, 0);
  header.write('r', 38, 'latin1'); // "regular", which some readers of Analyze look for
  shorts(40, [3, columns, rows, slices, 1, 1, 1, 1]);
  shorts(70, [hu instanceof Int16Array ? 4 : hu instanceof Float32Array ? 16 : 64, hu.BYTES_PER_ELEMENT * 8]);
  floats(76, [rotation?.qfac ?? 1, ...spacingXyz, 1, 1, 1, 1]);
  floats(108, [VOXELS_AT, 1, 0]);
  header.writeUInt8(MILLIMETRE, 123);
  shorts(252, [rotation ? SCANNER_ANATOMICAL : 0, SCANNER_ANATOMICAL]);
  if (rotation) floats(256, [...rotation.bcd, ras[3]!, ras[7]!, ras[11]!]);
  floats(280, ras);
  header.write('n+1\0', 344, 'latin1');
  return header;
}
