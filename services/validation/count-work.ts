/** Counts the work of a validation. */
export interface WorkCounter {
  /** Announces work: patches to be scored. */
  plan: (count: number) => void;
  done: (count: number) => void;
}

export function countWork(onProgress: ((done: number, total: number) => void) | undefined): WorkCounter {
  let total = 0;
  let finished = 0;
  return {
    plan(count) {
      total += count;
    },
    done(count) {
      finished += count;
      onProgress?.(finished, total);
    },
  };
}
