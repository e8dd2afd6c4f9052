import type { Geometry, Volume, Voxels } from '../../volume';
import { decodeFrame } from './codecs';
import { readFrames } from './pixels';
import type { ImageFile, Slice } from './slices';
import type { StoredValues } from './stored-values';

/** The voxels of stacked slices: every file is read once, in the order of the slices. */
export async function readVoxels(slices: readonly Slice[], geometry: Geometry): Promise<Volume> {
  const [, rows, columns] = geometry.size;
  const perSlice = rows * columns;
  const voxels = new ExactVoxels(slices.length * perSlice);
  for (const [file, placed] of byFile(slices)) {
    const frames = await readFrames(file);
    for (const { slice, index } of placed) {
      const stored = await decodeFrame(frames[slice.frame]!, file);
      voxels.write(index * perSlice, stored, slice.slope, slice.intercept);
    }
  }
  return { hu: voxels.values, ...geometry };
}

function byFile(slices: readonly Slice[]): Map<ImageFile, { slice: Slice; index: number }[]> {
  const files = new Map<ImageFile, { slice: Slice; index: number }[]>();
  slices.forEach((slice, index) => {
    const placed = files.get(slice.file) ?? [];
    placed.push({ slice, index });
    files.set(slice.file, placed);
  });
  return files;
}

/** Voxels as int16 while every value fits, then as float32, then as float64. */
class ExactVoxels {
  values: Voxels;

  constructor(length: number) {
    this.values = new Int16Array(length);
  }

  write(at: number, stored: StoredValues, slope: number, intercept: number): void {
    for (let i = 0; i < stored.length;) {
      i = writeWhileExact(this.values, at, stored, i, slope, intercept);
      if (i < stored.length) this.widen();
    }
  }

  private widen(): void {
    this.values = this.values instanceof Int16Array ? Float32Array.from(this.values) : Float64Array.from(this.values);
  }
}

/** Writes from `from` on, and says where it had to stop because a value does not fit. */
function writeWhileExact(
  values: Voxels,
  at: number,
  stored: StoredValues,
  from: number,
  slope: number,
  intercept: number,
): number {
  for (let i = from; i < stored.length; i++) {
    const value = stored[i]! * slope + intercept;
    values[at + i] = value;
    if (values[at + i] !== value) return i;
  }
  return stored.length;
}
