import type { Geometry, Volume, Voxels } from '../../volume';
import { openDecodePool } from './decode-pool';
import { readFrames } from './pixels';
import type { ImageFile, Slice } from './slices';
import type { StoredValues } from './stored-values';

/** The voxels of stacked slices. Every file is read once; a few slices at a time are in memory beside the volume. */
export async function readVoxels(slices: readonly Slice[], geometry: Geometry): Promise<Volume> {
  const [, rows, columns] = geometry.size;
  const voxels = new ExactVoxels(slices.length * rows * columns);
  const pool = openDecodePool(slices);
  const frames = new SharedFrames(slices);
  let next = 0;
  const work = async (_: unknown, lane: number) => {
    while (next < slices.length) {
      const index = next++;
      const { file, frame, slope, intercept } = slices[index]!;
      const stored = await pool.decode(lane, await frames.take(file, frame), file);
      voxels.write(index * rows * columns, stored, slope, intercept);
    }
  };
  try {
    await Promise.all(Array.from({ length: pool.lanes }, work));
  } finally {
    await pool.close();
  }
  return { hu: voxels.values, ...geometry };
}

/** Files are kept until the last of their frames is taken. */
class SharedFrames {
  private readonly files = new Map<ImageFile, { left: number; frames?: ReturnType<typeof readFrames> }>();

  constructor(slices: readonly Slice[]) {
    for (const { file } of slices) this.files.set(file, { left: (this.files.get(file)?.left ?? 0) + 1 });
  }

  async take(file: ImageFile, frame: number): Promise<Uint8Array<ArrayBuffer>> {
    const shared = this.files.get(file)!;
    shared.frames ??= readFrames(file);
    if (--shared.left === 0) this.files.delete(file);
    return (await shared.frames)[frame]!;
  }
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
