import type { BatchTask } from './batch-task';

/** Some patches with what they are. */
export interface Batch {
  /** `[batch, slices, rows, columns]` HU. */
  x: Float32Array;
  /** 1 for the positive class. Where the last batch of a part is filled up with empty patches, it is shorter than the batch. */
  y: Uint8Array;
  /** Places of the patches among the candidates of their part. */
  indices: Uint32Array;
}

export interface StreamOptions {
  /** Batches that are asked for before they are needed. */
  ahead: number;
  /**
   * Uses the memory of a batch again once the next is asked for: its `x` is then empty. For loops that look at each
   * batch once and are faster than memory can be had anew.
   */
  reuse: boolean;
  /** Milliseconds that whoever asked for a batch had to wait. */
  onWait: (milliseconds: number) => void;
}

/** Makes the batches of these tasks in order, some of them ahead of time. */
export async function* streamBatches(
  tasks: Iterator<BatchTask>,
  labels: Uint8Array,
  make: (task: BatchTask, memory?: ArrayBuffer) => Promise<Float32Array>,
  { ahead, reuse, onWait }: StreamOptions,
): AsyncGenerator<Batch, void, undefined> {
  const queue: { task: BatchTask; x: Promise<Float32Array> }[] = [];
  const ask = (memory?: ArrayBuffer) => {
    const next = tasks.next();
    if (next.done) return;
    const x = make(next.value, memory);
    // A failure counts when its turn comes; until then it must not end the process.
    x.catch(() => undefined);
    queue.push({ task: next.value, x });
  };
  for (let i = 0; i < ahead; i++) ask();
  for (;;) {
    const due = queue.shift();
    if (!due) return;
    const begun = performance.now();
    const x = await due.x;
    onWait(performance.now() - begun);
    const { indices } = due.task;
    yield { x, y: Uint8Array.from(indices, (index) => labels[index]!), indices };
    ask(reuse ? (x.buffer as ArrayBuffer) : undefined);
  }
}
