import { directionDeterminant } from '../volume';
import { type Finding, finding } from './finding';
import type { ScanFile } from './find-files';
import type { Explanation } from './hu-histogram';
import type { ScanInspection } from './inspect-scan';

/** What is wrong with one scan that could be read. */
export function judgeScan({ file, seriesUid }: ScanFile, inspection: ScanInspection): Finding[] {
  const findings: Finding[] = [];
  const add = (code: Finding['code'], message: string) => findings.push(finding(code, message, { file, seriesUid }));
  judgeValues(inspection, add);
  judgeGeometry(inspection, add);
  return findings;
}

type Add = (code: Finding['code'], message: string) => void;

const SHIFTED: Partial<Record<Explanation, string>> = {
  '+1024': '1024 too high',
  '+1000': '1000 too high',
  '-1024': '1024 too low',
  '-1000': '1000 too low',
};

/** From a scanner's padding (−2048, −3024) to metal in the extended scale. */
const HU_LIMITS = { least: -8192, most: 31743 };

function judgeValues({ hu, constantSlices, geometry }: ScanInspection, add: Add): void {
  const range = `values from ${hu.min} to ${hu.max}, median ${hu.median}`;
  if (hu.notFinite > 0) add('VOXELS_NOT_FINITE', `${hu.notFinite} voxels are NaN or infinite`);
  if (hu.min === hu.max) {
    add('SCAN_CONSTANT', `every voxel is ${hu.min}`);
    return;
  }
  const shift = SHIFTED[hu.explanation];
  if (shift !== undefined) add('HU_SHIFTED', `all values look ${shift} for Hounsfield units: ${range}`);
  else if (hu.explanation === 'negated') add('HU_NEGATED', `all values look as if their sign were turned: ${range}`);
  else if (hu.explanation === 'picture')
    add('HU_NOT_HOUNSFIELD', `values of a picture, not Hounsfield units: ${range}`);
  else if (hu.explanation === 'unknown') {
    const { air, lung, soft } = hu.shares;
    const shares = `${percent(air)} air, ${percent(lung)} lung, ${percent(soft)} soft tissue`;
    add('HU_IMPLAUSIBLE', `not the histogram of a chest CT: ${shares}; ${range}`);
  }
  if (hu.min < HU_LIMITS.least || hu.max > HU_LIMITS.most) add('HU_RANGE', range);
  if (constantSlices.length > 0) {
    const some = constantSlices.slice(0, 8).join(', ') + (constantSlices.length > 8 ? ', …' : '');
    add('SLICES_CONSTANT', `${constantSlices.length} of ${geometry.size[0]} slices hold one value only: ${some}`);
  }
}

/** Millimetres. LUNA16 has 0.46 to 0.98 in the slice and 0.6 to 2.5 between slices. */
const SPACING = { inPlane: [0.2, 2], between: [0.2, 6] } as const;
const EXTENT = { inPlane: [150, 1000], along: [100, 2200] } as const;

function judgeGeometry({ geometry }: ScanInspection, add: Add): void {
  const { size, spacingXyz, direction } = geometry;
  const [dx, dy, dz] = spacingXyz;
  const spacing = `spacing ${[dx, dy, dz].map(millimetres).join(' × ')} mm`;
  const outside = (value: number, [least, most]: readonly [number, number]) => value < least || value > most;
  if ([dx, dy].some((value) => outside(value, SPACING.inPlane)) || outside(dz, SPACING.between)) {
    add('SPACING_UNUSUAL', spacing);
  } else if (Math.abs(dx - dy) > 0.01 * dx) add('SPACING_UNUSUAL', `${spacing}: pixels are not square`);
  else if (dx === 1 && dy === 1 && dz === 1) add('SPACING_UNUSUAL', `${spacing}: a default, or resampled`);

  const extent = [size[2] * dx, size[1] * dy, size[0] * dz] as const;
  const inPlane = extent.slice(0, 2).some((value) => outside(value, EXTENT.inPlane));
  if (inPlane || outside(extent[2], EXTENT.along)) {
    add('EXTENT_UNUSUAL', `${extent.map((value) => value.toFixed(0)).join(' × ')} mm`);
  }
  judgeDirection(direction, add);
}

function judgeDirection(direction: readonly number[], add: Add): void {
  const axes = [0, 3, 6].map((start) => direction.slice(start, start + 3));
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const skew = Math.max(
    ...axes.map((axis) => Math.abs(dot(axis, axis) - 1)),
    ...[dot(axes[0]!, axes[1]!), dot(axes[1]!, axes[2]!), dot(axes[0]!, axes[2]!)].map(Math.abs),
  );
  const matrix = direction.map((value) => Number(value.toFixed(4))).join(' ');
  if (skew > 1e-3) {
    add('DIRECTION_NOT_ORTHONORMAL', `TransformMatrix ${matrix}`);
    return;
  }
  const determinant = directionDeterminant(direction);
  if (determinant < 0) add('LEFT_HANDED', `TransformMatrix ${matrix}, determinant ${determinant.toFixed(3)}`);
  else if ([0, 4, 8].some((i) => direction[i]! < 1 - 1e-6)) add('DIRECTION_OBLIQUE', `TransformMatrix ${matrix}`);
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const millimetres = (value: number) => String(Number(value.toFixed(3)));
