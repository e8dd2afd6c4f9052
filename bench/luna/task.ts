import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from 'seeded-random';

/** Slices, rows, columns. */
export const PATCH_SIZE = [32, 48, 48] as const;
export const LABELS = ['non-nodule', 'nodule'] as const;
export const CHANNELS = [8, 16, 32, 64];
const VOXELS = 32 * 48 * 48;

/** What both sides are told. They read the same patches, and ours starts from the weights that PyTorch saved. */
export interface LunaTask {
  work: 'training' | 'inference';
  /** Holds `patches.f32` (raw HU), `labels.u8` and, once the first PyTorch stands, `weights.npz`. */
  folder: string;
  batchSize: number;
  threads: number;
  seed: number;
  learningRate: number;
  momentum: number;
}

/** Lays out the task's folder: noise of CT's range, a little denser where the label is 1. */
export function layOutTask(task: Omit<LunaTask, 'folder'>, batches: number): LunaTask {
  const folder = mkdtempSync(join(tmpdir(), 'lungate-bench-'));
  const random = seededRandom(task.seed);
  const count = batches * task.batchSize;
  const patches = new Float32Array(count * VOXELS);
  for (let i = 0; i < patches.length; i++) {
    const label = Math.floor(i / VOXELS) % 2;
    patches[i] = Math.round(-400 + 100 * label + 700 * (random.uniform() + random.uniform() - 1));
  }
  writeFileSync(join(folder, 'patches.f32'), patches);
  writeFileSync(
    join(folder, 'labels.u8'),
    Uint8Array.from({ length: count }, (_, i) => i % 2),
  );
  return { ...task, folder };
}
