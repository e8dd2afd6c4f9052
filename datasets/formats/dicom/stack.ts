import type { CodedError } from 'coded-error';
import { type Geometry, type Xyz } from '../../volume';
import { dicomError } from './errors';
import type { Slice } from './slices';
import { type Shear, tiltDegrees } from './tilt';

/** A slice may lie this part of the spacing beside its place in an even stack: positions are often written rounded. */
const SPACING_TOLERANCE = 0.1;
/** A slice may be shifted this part of a pixel in its plane: the nearest voxel stays the same. */
const SHIFT_TOLERANCE = 0.25;
/** A hole is named as missing slices where it is a whole number of spacings, so far. */
const GAP_TOLERANCE = 0.2;
/** Degrees; gantries tilt by up to 30. */
const MOST_TILT = 45;
const MOST_NAMED = 8;

/** Slices in order along their normal, evenly spaced, one at a place; or what keeps them from that. */
export interface Stack {
  /** Ascending along the normal, that is the cross product of the directions along columns and along rows. */
  slices: Slice[];
  stacked: Geometry | null;
  /** Shift of each slice in its plane against the one before, mm along columns and rows: a gantry tilt. Null: none. */
  shear: Shear | null;
  problems: CodedError[];
}

/**
 * Stacks slices of one size, orientation and pixel spacing. `duplicates` are places with more than one image.
 */
export function stackSlices(unordered: readonly Slice[]): Stack {
  const normal = normalOf(unordered[0]!);
  const height = (slice: Slice) => dot(slice.plane.originXyz, normal);
  const slices = [...unordered].sort((a, b) => height(a) - height(b));
  const heights = slices.map(height);
  const spacing = spacingOf(slices, heights);
  const problems = [checkSpacing(slices, heights), checkShifts(slices, heights, normal, spacing)];
  const found = problems.filter((problem) => problem !== undefined);
  const first = slices[0]!;
  const { rows, columns } = first.file.coding.layout;
  const { alongColumns, alongRows, pixelSpacing, originXyz } = first.plane;
  return {
    slices,
    stacked:
      found.length > 0
        ? null
        : {
            size: [slices.length, rows, columns],
            spacingXyz: [...pixelSpacing, spacing],
            originXyz,
            direction: [...alongColumns, ...alongRows, ...normal],
          },
    shear: found.length > 0 ? null : shearOf(slices, spacing, normal),
    problems: found,
  };
}

/** Groups of slices at the same place: closer along the normal than a tenth of a pixel. */
export function duplicatesIn(slices: readonly Slice[]): Slice[][] {
  const normal = normalOf(slices[0]!);
  const placed = slices
    .map((slice) => ({ slice, height: dot(slice.plane.originXyz, normal) }))
    .sort((a, b) => a.height - b.height);
  const close = SPACING_TOLERANCE * Math.min(...slices[0]!.plane.pixelSpacing);
  const groups: Slice[][] = [];
  let last = -Infinity;
  for (const { slice, height } of placed) {
    if (height - last < Math.max(close, 1e-3)) groups.at(-1)!.push(slice);
    else groups.push([slice]);
    last = height;
  }
  return groups.filter((group) => group.length > 1);
}

export function duplicateError(groups: readonly Slice[][]): CodedError {
  const where = groups.map((group) => group.map(nameOf).join(' and '));
  return dicomError('DICOM_DUPLICATE_SLICES', { file: nameOf(groups[0]![0]!), where: some(where) });
}

function normalOf({
  plane: {
    alongColumns: [a, b, c],
    alongRows: [x, y, z],
  },
}: Slice): Xyz {
  const normal: Xyz = [b * z - c * y, c * x - a * z, a * y - b * x];
  const length = Math.hypot(...normal);
  return [normal[0] / length, normal[1] / length, normal[2] / length];
}

/** Distance along the normal from one slice to the next: the mean, because single positions are rounded. */
function spacingOf(slices: readonly Slice[], heights: readonly number[]): number {
  if (slices.length === 1) return slices[0]!.thickness ?? 1;
  return (heights.at(-1)! - heights[0]!) / (slices.length - 1);
}

function checkSpacing(slices: readonly Slice[], heights: readonly number[]): CodedError | undefined {
  if (slices.length < 3) return undefined;
  const steps = heights.slice(1).map((height, i) => height - heights[i]!);
  const usual = [...steps].sort((a, b) => a - b)[Math.floor((steps.length - 1) / 2)]!;
  const file = nameOf(slices[0]!);
  const between = (i: number) =>
    `between ${mm(heights[i]!)} (${nameOf(slices[i]!)}) and ${mm(heights[i + 1]!)} mm (${nameOf(slices[i + 1]!)})`;
  const missingAfter = steps.map((step) => (isGap(step, usual) ? Math.round(step / usual) - 1 : 0));
  const count = missingAfter.reduce((sum, missing) => sum + missing, 0);
  // Thin slices beside thick ones look like gaps too; then most of the stack would be missing.
  if (count > 0 && count < slices.length) {
    const where = missingAfter.flatMap((missing, i) => (missing > 0 ? [`${missing} ${between(i)}`] : []));
    return dicomError('DICOM_MISSING_SLICES', { file, count, where: some(where) });
  }
  const spacing = (heights.at(-1)! - heights[0]!) / steps.length;
  const astray = heights.some(
    (height, i) => Math.abs(height - heights[0]! - i * spacing) > SPACING_TOLERANCE * spacing,
  );
  if (!astray) return undefined;
  const worst = steps.indexOf(steps.reduce((a, b) => (Math.abs(b - usual) > Math.abs(a - usual) ? b : a)));
  const where = `${mm(usual)} mm usually, ${mm(steps[worst]!)} mm ${between(worst)}`;
  return dicomError('DICOM_UNEVEN_SLICES', { file, where });
}

function isGap(step: number, usual: number): boolean {
  const times = step / usual;
  return times > 1.5 && Math.abs(times - Math.round(times)) <= GAP_TOLERANCE;
}

/** Slices may shift evenly in their plane (a tilted gantry), not each as it likes. */
function checkShifts(
  slices: readonly Slice[],
  heights: readonly number[],
  normal: Xyz,
  spacing: number,
): CodedError | undefined {
  const shear = shearOf(slices, spacing, normal) ?? [0, 0];
  const tilt = tiltDegrees(shear, spacing);
  const [pixelX, pixelY] = slices[0]!.plane.pixelSpacing;
  const astray = slices.findIndex((slice, i) => {
    const [x, y] = shiftOf(slice, slices[0]!);
    return (
      Math.abs(x - i * shear[0]) > SHIFT_TOLERANCE * pixelX || Math.abs(y - i * shear[1]) > SHIFT_TOLERANCE * pixelY
    );
  });
  if (astray < 0 && tilt <= MOST_TILT) return undefined;
  const where =
    astray < 0
      ? `from slice to slice they move ${Math.round(tilt)}° off their normal`
      : `${nameOf(slices[astray]!)} at ${mm(heights[astray]!)} mm`;
  return dicomError('DICOM_SHIFTED_SLICES', { file: nameOf(slices[0]!), where });
}

function shearOf(slices: readonly Slice[], spacing: number, normal: Xyz): Shear | null {
  if (slices.length < 2 || !(spacing > 0)) return null;
  const first = slices[0]!;
  const last = slices.at(-1)!;
  const steps = dot(minus(last.plane.originXyz, first.plane.originXyz), normal) / spacing;
  const [x, y] = shiftOf(last, first);
  const [pixelX, pixelY] = first.plane.pixelSpacing;
  if (Math.abs(x) <= SHIFT_TOLERANCE * pixelX && Math.abs(y) <= SHIFT_TOLERANCE * pixelY) return null;
  return [x / steps, y / steps];
}

/** How far a slice is moved in its plane, mm along columns and along rows. */
function shiftOf(slice: Slice, first: Slice): readonly [number, number] {
  const { alongColumns, alongRows, originXyz } = first.plane;
  const way = minus(slice.plane.originXyz, originXyz);
  return [dot(way, alongColumns), dot(way, alongRows)];
}

function nameOf({ file, frame }: Slice): string {
  return file.coding.layout.frames > 1 ? `${file.source.name}, frame ${frame + 1}` : file.source.name;
}

function some(items: readonly string[]): string {
  const named = items.slice(0, MOST_NAMED).join('; ');
  return items.length > MOST_NAMED ? `${named}; and ${items.length - MOST_NAMED} more` : named;
}

const mm = (value: number) => String(Math.round(value * 1000) / 1000);
const dot = (a: Xyz, b: Xyz) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a: Xyz, b: Xyz): Xyz => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
