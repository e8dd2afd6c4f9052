import type { Weights } from './cases';

/**
 * A statistic that needs no ranks, only sums over the cases. A bootstrap then adds up what each patient contributes,
 * which it knows beforehand, instead of walking over all cases again for each resample.
 */
export interface SummedStatistic {
  /** How many sums there are. */
  size: number;
  /** Adds case `i`, counted `weight` times, to the sums that begin at `start`. */
  add: (i: number, weight: number, sums: Float64Array, start: number) => void;
  /** What the sums say. */
  of: (sums: Float64Array) => readonly number[];
}

/** The statistic of all cases, each counted by its weight. */
export function ofSums({ size, add, of }: SummedStatistic, weights: Weights): readonly number[] {
  const sums = new Float64Array(size);
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] !== 0) add(i, weights[i]!, sums, 0);
  }
  return of(sums);
}

/** Several statistics of the same cases as one, their numbers one after the other. */
export function together(statistics: readonly SummedStatistic[]): SummedStatistic {
  const starts: number[] = [];
  let size = 0;
  for (const statistic of statistics) {
    starts.push(size);
    size += statistic.size;
  }
  return {
    size,
    add(i, weight, sums, start) {
      for (let s = 0; s < statistics.length; s++) statistics[s]!.add(i, weight, sums, start + starts[s]!);
    },
    of: (sums) => statistics.flatMap((statistic, s) => statistic.of(sums.subarray(starts[s]))),
  };
}
