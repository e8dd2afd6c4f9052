import { createAugmenter, type AugmentationConfig, type Augmenter } from '../augmentation';
import { openPatchReader, type PatchLayout, type PatchReader } from '../patch-cache';
import { voxelsOf } from '../patches';
import type { Part } from '../split';
import { type BatchTask, fillBatch } from './batch-task';

/** Makes batches in the thread that it lives in. */
export interface BatchMaker {
  /** Tells it where the patches of a part lie. */
  open: (part: Part, layout: PatchLayout) => void;
  /** Into `memory` where some is given. */
  make: (task: BatchTask, memory?: ArrayBuffer) => Float32Array<ArrayBuffer>;
  close: () => void;
}

/** `memoryBytes`: what mapped patches may count as this process's memory before they are given back. */
export function createBatchMaker(memoryBytes: number): BatchMaker {
  const parts = new Map<Part, { layout: PatchLayout; reader: PatchReader }>();
  let augmenter: { config: AugmentationConfig; augment: Augmenter } | undefined;

  return {
    open(part, layout) {
      parts.get(part)?.reader.close();
      parts.set(part, { layout, reader: openPatchReader(layout, memoryBytes) });
    },
    make(task, memory) {
      const { layout, reader } = parts.get(task.part)!;
      const x = new Float32Array(memory ?? new ArrayBuffer(4 * task.rows * voxelsOf(layout.contract)));
      const config = task.augmentation?.config;
      if (config && JSON.stringify(augmenter?.config) !== JSON.stringify(config)) {
        augmenter = { config, augment: createAugmenter(layout.contract, config) };
      }
      fillBatch(x, task, reader, config && augmenter!.augment);
      return x;
    },
    close() {
      for (const { reader } of parts.values()) reader.close();
    },
  };
}
