import { type Affine, type Geometry, directionDeterminant, placementOf, swapLpsRas } from '../../volume';
import { niftiError } from './errors';
import type { NiftiFields } from './fields';

type Placement = Omit<Geometry, 'size'>;

/** Millimetres of xyzt_units' codes: metres, millimetres, micrometres. Unknown ones are millimetres. */
const MILLIMETRES: Readonly<Record<number, number>> = { 1: 1000, 2: 1, 3: 0.001 };

/**
 * Where the voxels are, LPS. As nibabel: the sform where it has a code, else the qform where it has one, else the
 * middle of the volume at the origin and x running to the left.
 */
export function placementOfHeader(fields: NiftiFields, size: Geometry['size'], file: string): Placement {
  const scale = MILLIMETRES[fields.units & 7] ?? 1;
  const affine = swapLpsRas(rasOf(fields, size, file)).map((value) => value * scale);
  const placement = placementOf(affine);
  const field = fields.sformCode > 0 ? 'srow' : 'pixdim';
  const value = (fields.sformCode > 0 ? fields.srow : fields.pixdim).join(' ');
  const sane = affine.every(Number.isFinite) && placement.spacingXyz.every((mm) => mm > 0 && Number.isFinite(mm));
  if (!sane || !(Math.abs(directionDeterminant(placement.direction)) >= 1e-6)) {
    throw niftiError('NIFTI_BAD_VALUE', { file, field, value, why: 'it places no volume in space' });
  }
  return placement;
}

function rasOf(fields: NiftiFields, size: Geometry['size'], file: string): Affine {
  if (fields.sformCode > 0) return fields.srow;
  const [x, y, z] = spacingOf(fields);
  if (fields.qformCode > 0) return fromQuaternion(fields, [x, y, z], file);
  const middle = (voxels: number, mm: number) => ((voxels - 1) / 2) * mm;
  const [slices, rows, columns] = size;
  return [-x, 0, 0, middle(columns, x), 0, y, 0, -middle(rows, y), 0, 0, z, -middle(slices, z)];
}

/** Millimetres along columns, rows and slices; a missing axis has 1. */
function spacingOf({ pixdim, dim }: NiftiFields): [number, number, number] {
  const along = (axis: 1 | 2 | 3) => (axis > dim[0]! && !(pixdim[axis]! > 0) ? 1 : Math.abs(pixdim[axis]!));
  return [along(1), along(2), along(3)];
}

/** Method 2 of nifti1.h: a rotation given by a unit quaternion's b, c, d, and the third axis times qfac. */
function fromQuaternion(fields: NiftiFields, [x, y, z]: [number, number, number], file: string): Affine {
  const [b, c, d] = fields.quaternion as [number, number, number];
  const rest = 1 - (b * b + c * c + d * d);
  if (!(rest > -1e-6)) {
    const value = fields.quaternion.join(' ');
    throw niftiError('NIFTI_BAD_VALUE', { file, field: 'quatern_b, c, d', value, why: 'it is no rotation' });
  }
  const a = Math.sqrt(Math.max(rest, 0));
  const [qx, qy, qz] = fields.qoffset as [number, number, number];
  const through = fields.pixdim[0]! < 0 ? -z : z;
  return [
    ...[(a * a + b * b - c * c - d * d) * x, 2 * (b * c - a * d) * y, 2 * (b * d + a * c) * through, qx],
    ...[2 * (b * c + a * d) * x, (a * a + c * c - b * b - d * d) * y, 2 * (c * d - a * b) * through, qy],
    ...[2 * (b * d - a * c) * x, 2 * (c * d + a * b) * y, (a * a + d * d - c * c - b * b) * through, qz],
  ];
}

/**
 * The quaternion b, c, d and qfac of directions in RAS (nine numbers, the step along the columns first), or undefined
 * where they are no rotation or reflection, which a qform cannot say.
 */
export function quaternionOf(
  direction: readonly number[],
): { bcd: [number, number, number]; qfac: 1 | -1 } | undefined {
  const dot = (i: number, j: number) =>
    [0, 1, 2].reduce((sum, k) => sum + direction[3 * i + k]! * direction[3 * j + k]!, 0);
  const orthonormal = [0, 1, 2].every((i) => [0, 1, 2].every((j) => Math.abs(dot(i, j) - (i === j ? 1 : 0)) < 1e-5));
  if (!orthonormal) return undefined;
  const qfac = directionDeterminant(direction) < 0 ? -1 : 1;
  // r[row][column] of the rotation, whose columns are the three directions.
  const r = (row: number, column: number) => direction[3 * column + row]! * (column === 2 ? qfac : 1);
  // Four times the square of each component; the largest one is computed first, for its precision.
  const squares = [
    1 + r(0, 0) + r(1, 1) + r(2, 2),
    1 + r(0, 0) - r(1, 1) - r(2, 2),
    1 - r(0, 0) + r(1, 1) - r(2, 2),
    1 - r(0, 0) - r(1, 1) + r(2, 2),
  ];
  const largest = squares.indexOf(Math.max(...squares));
  const twice = Math.sqrt(squares[largest]!);
  const [xy, xz, yz] = [r(0, 1) + r(1, 0), r(0, 2) + r(2, 0), r(1, 2) + r(2, 1)];
  const [wx, wy, wz] = [r(2, 1) - r(1, 2), r(0, 2) - r(2, 0), r(1, 0) - r(0, 1)];
  const q = [
    [twice * twice, wx, wy, wz],
    [wx, twice * twice, xy, xz],
    [wy, xy, twice * twice, yz],
    [wz, xz, yz, twice * twice],
  ][largest]!.map((value) => value / (2 * twice));
  const sign = q[0]! < 0 ? -1 : 1;
  return { bcd: [q[1]! * sign, q[2]! * sign, q[3]! * sign], qfac };
}
