import { type Geometry, directionDeterminant, placementOf } from '../../volume';
import type { NrrdFields } from './fields';

type Vector = readonly [number, number, number];

/** One of the three axes of a volume, columns first. */
export interface Axis {
  size: number;
  /** World step from voxel to voxel, in the file's space; undefined where the file only tells a spacing. */
  step: Vector | undefined;
  /** Millimetres between voxels, where there is no step. */
  spacing: number;
  /** World position of the first voxel along the axis, where there is no step. */
  start: number;
}

/**
 * Signs that take a space to left-posterior-superior. Spaces that are not those of the patient are taken as they are,
 * as ITK takes them.
 */
const SPACES: Readonly<Record<string, Vector>> = {
  'left-posterior-superior': [1, 1, 1],
  lps: [1, 1, 1],
  'right-anterior-superior': [-1, -1, 1],
  ras: [-1, -1, 1],
  'left-anterior-superior': [1, -1, 1],
  las: [1, -1, 1],
  'scanner-xyz': [1, 1, 1],
  '3d-right-handed': [1, 1, 1],
  '3d-left-handed': [1, 1, 1],
};

/**
 * The three axes of the volume, whatever axes of one element stand beside them. One slice is a volume of one.
 */
export function axesOf(fields: NrrdFields): Axis[] {
  const dimension = fields.count('dimension', NaN, 1);
  if (!(dimension <= 16)) throw fields.bad('dimension', 'one to sixteen axes are expected');
  const sizes = fields.numbers('sizes', dimension, (value) => Number.isSafeInteger(value) && value > 0);
  const steps =
    fields.value('space directions') === undefined ? undefined : fields.vectors('space directions', dimension);
  const spacings = optionalNumbers(fields, 'spacings', dimension);
  const starts = optionalNumbers(fields, 'axis mins', dimension);
  const isNode = (fields.value('centers') ?? fields.value('centerings') ?? '').toLowerCase().split(/\s+/);
  const all = sizes.map((size, i): Axis & { isOther: boolean } => {
    const spacing = spacings?.[i] ?? NaN;
    const start = starts?.[i] ?? NaN;
    // Between the edge of the first cell and its centre.
    const half = isNode[i] === 'node' ? 0 : spacing / 2;
    const step = steps?.[i];
    return {
      size,
      step: step && [step[0]!, step[1]!, step[2] ?? 0],
      spacing,
      start: Number.isFinite(start) ? start + half : 0,
      isOther: steps !== undefined && step === undefined,
    };
  });
  return volumeAxes(all, fields);
}

function volumeAxes(all: readonly (Axis & { isOther: boolean })[], fields: NrrdFields): Axis[] {
  const refuse = () => fields.unsupported('sizes', 'only one volume of one value a voxel is read');
  if (all.some(({ isOther, size }) => isOther && size !== 1)) throw refuse();
  const axes: Axis[] = all.filter(({ isOther }) => !isOther);
  while (axes.length > 3) {
    const single = axes.findLastIndex(({ size }) => size === 1);
    if (single === -1) throw refuse();
    axes.splice(single, 1);
  }
  if (axes.length < 2) throw fields.unsupported('dimension', 'only slices and volumes are read');
  const [x, y, z] = axes as [Axis, Axis, Axis?];
  return [x, y, z ?? { size: 1, step: x.step && y.step && normalTo(x.step, y.step), spacing: 1, start: 0 }];
}

/** Where the voxels are, LPS millimetres. */
export function placementOfAxes(axes: readonly Axis[], fields: NrrdFields): Omit<Geometry, 'size'> {
  const signs = signsOf(fields);
  refuseOtherUnits(fields);
  const steps = axes.map(
    ({ step, spacing }, i) => step ?? ([0, 1, 2].map((k) => (k === i ? spacing : 0)) as unknown as Vector),
  );
  const hasSteps = axes.every(({ step }) => step !== undefined);
  if (!hasSteps && axes.some(({ spacing }) => !(spacing !== 0 && Number.isFinite(spacing)))) {
    fields.text('space directions');
    throw fields.bad('spacings', 'a distance between voxels along each axis is expected');
  }
  const origin = hasSteps ? originOf(fields) : axes.map(({ start }) => start);
  const placement = placementOf(
    [0, 1, 2].flatMap((k) => [...steps.map((step) => step[k]! * signs[k]! + 0), origin[k]! * signs[k]! + 0]),
  );
  const { spacingXyz, direction } = placement;
  const sane =
    spacingXyz.every((mm) => mm > 0 && Number.isFinite(mm)) && Math.abs(directionDeterminant(direction)) >= 1e-6;
  if (!sane) throw fields.bad(hasSteps ? 'space directions' : 'spacings', 'the axes span no volume');
  return placement;
}

function signsOf(fields: NrrdFields): Vector {
  const space = fields.value('space');
  if (space === undefined) return [1, 1, 1];
  const signs = SPACES[space.toLowerCase()];
  if (!signs) throw fields.unsupported('space', 'only three-dimensional spaces are read');
  return signs;
}

function originOf(fields: NrrdFields): Vector {
  if (fields.value('space origin') === undefined) return [0, 0, 0];
  const [x = 0, y = 0, z = 0] = fields.vectors('space origin', 1)[0] ?? [];
  return [x, y, z];
}

function refuseOtherUnits(fields: NrrdFields): void {
  const units = fields.value('space units');
  const others = (units?.match(/"[^"]*"|\S+/g) ?? []).map((unit) => unit.replaceAll('"', ''));
  if (others.some((unit) => !['', 'mm', '???'].includes(unit)))
    throw fields.unsupported('space units', 'only mm are read');
}

function optionalNumbers(fields: NrrdFields, field: string, count: number): number[] | undefined {
  return fields.value(field) === undefined ? undefined : fields.numbers(field, count, () => true);
}

/** One millimetre along the normal of a slice. */
function normalTo([a, b, c]: Vector, [d, e, f]: Vector): Vector {
  const normal: Vector = [b * f - c * e, c * d - a * f, a * e - b * d];
  const length = Math.hypot(...normal);
  return [normal[0] / length, normal[1] / length, normal[2] / length];
}
