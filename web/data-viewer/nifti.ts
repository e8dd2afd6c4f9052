import type { Volume } from '../../datasets';

const HEADER_BYTES = 352;

/**
 * The 352 bytes that make a volume's voxels a NIfTI-1 file: what Niivue reads. The sform places voxels in RAS millimetres,
 * ours are LPS, so its first two rows change sign (NIfTI-1.1, nifti1.h, section 3D image orientation, method 3).
 */
export function niftiHeader({ hu, size, spacingXyz, originXyz, direction }: Volume): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const [datatype, bits] = hu instanceof Int16Array ? [4, 16] : hu instanceof Float32Array ? [16, 32] : [64, 64];
  header.writeInt32LE(348, 0);
  [3, size[2], size[1], size[0], 1, 1, 1, 1].forEach((length, i) => header.writeInt16LE(length, 40 + 2 * i));
  header.writeInt16LE(datatype, 70);
  header.writeInt16LE(bits, 72);
  [1, ...spacingXyz].forEach((spacing, i) => header.writeFloatLE(spacing, 76 + 4 * i));
  header.writeFloatLE(HEADER_BYTES, 108);
  header.writeFloatLE(1, 112); // scl_slope
  header.writeUInt8(2, 123); // millimetres
  header.writeInt16LE(1, 254); // sform: scanner coordinates
  for (const axis of [0, 1, 2] as const) {
    const sign = axis === 2 ? 1 : -1;
    const row = [0, 1, 2].map((step) => sign * direction[3 * step + axis]! * spacingXyz[step]!);
    [...row, sign * originXyz[axis]].forEach((value, i) => header.writeFloatLE(value, 280 + 16 * axis + 4 * i));
  }
  header.write('n+1\0', 344, 'latin1');
  return header;
}
