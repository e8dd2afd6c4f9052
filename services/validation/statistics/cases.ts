import { validationError } from '../errors';

/** Labelled scores, checked and ranked once; every statistic reads them. */
export interface Cases {
  /** `[n]`, 1 is positive. */
  readonly labels: Uint8Array;
  /** `[n]`, higher means more likely positive. */
  readonly scores: Float64Array;
  /** `[n]`, case indices by falling score. */
  readonly order: Uint32Array;
  /** `[distinct scores]`, where in `order` the cases of each distinct score end. */
  readonly runEnds: Uint32Array;
  readonly positives: number;
  readonly negatives: number;
}

/** How often each case counts, `[n]`: all ones, or one resample of a bootstrap. */
export type Weights = Uint32Array;

/**
 * Checks labels and scores and ranks them.
 *
 * @throws VALIDATION_LENGTHS_DIFFER, VALIDATION_LABEL_UNKNOWN, VALIDATION_SCORE_NOT_FINITE
 */
export function makeCases(labels: ArrayLike<number>, scores: ArrayLike<number>): Cases {
  if (labels.length !== scores.length) {
    throw validationError('VALIDATION_LENGTHS_DIFFER', { labels: labels.length, scores: scores.length });
  }
  const n = labels.length;
  let positives = 0;
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    const score = scores[i]!;
    if (label !== 0 && label !== 1) throw validationError('VALIDATION_LABEL_UNKNOWN', { index: i, label });
    if (!Number.isFinite(score)) throw validationError('VALIDATION_SCORE_NOT_FINITE', { index: i, score });
    positives += label;
  }
  const own = Float64Array.from(scores);
  const order = new Uint32Array(n).map((_, i) => i).sort((a, b) => own[b]! - own[a]! || a - b);
  return {
    labels: Uint8Array.from(labels),
    scores: own,
    order,
    runEnds: runEndsOf(order, own),
    positives,
    negatives: n - positives,
  };
}

function runEndsOf(order: Uint32Array, scores: Float64Array): Uint32Array {
  const ends: number[] = [];
  for (let k = 1; k <= order.length; k++) {
    if (k === order.length || scores[order[k]!] !== scores[order[k - 1]!]) ends.push(k);
  }
  return Uint32Array.from(ends);
}

/** @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES */
export function assertBothClasses(cases: Cases): void {
  assertPositives(cases);
  if (cases.negatives === 0) throw validationError('VALIDATION_NO_NEGATIVES', { cases: cases.labels.length });
}

/** @throws VALIDATION_NO_POSITIVES */
export function assertPositives(cases: Cases): void {
  if (cases.positives === 0) throw validationError('VALIDATION_NO_POSITIVES', { cases: cases.labels.length });
}

/** @throws VALIDATION_SCORE_NOT_PROBABILITY */
export function assertProbabilities({ scores, order }: Cases): void {
  // Ranked already, so that only the ends need a look: a bootstrap asks this thousands of times.
  if (order.length === 0 || (scores[order[0]!]! <= 1 && scores[order.at(-1)!]! >= 0)) return;
  const index = scores.findIndex((score) => score < 0 || score > 1);
  throw validationError('VALIDATION_SCORE_NOT_PROBABILITY', { index, score: scores[index]! });
}

/** Each case once. */
export function unitWeights({ labels }: Cases): Weights {
  return new Uint32Array(labels.length).fill(1);
}

/** How many cases, by weight, score at least as high as each distinct score, by falling score. */
export interface CountsAbove {
  /** `[distinct scores]`, never falling. */
  truePositives: Float64Array;
  falsePositives: Float64Array;
  /** All of them, which is the last count of each. */
  positives: number;
  negatives: number;
}

/**
 * One walk over the cases by falling score; every statistic that only knows ranks follows from these counts.
 * Tied cases are counted together, so that they are never told apart. `into` is overwritten and returned.
 */
export function countAbove(cases: Cases, weights: Weights, into: CountsAbove = emptyCounts(cases)): CountsAbove {
  const { labels, order, runEnds } = cases;
  let positives = 0;
  let all = 0;
  let k = 0;
  for (let run = 0; run < runEnds.length; run++) {
    for (const end = runEnds[run]!; k < end; k++) {
      const i = order[k]!;
      const weight = weights[i]!;
      all += weight;
      positives += weight * labels[i]!;
    }
    into.truePositives[run] = positives;
    into.falsePositives[run] = all - positives;
  }
  into.positives = positives;
  into.negatives = all - positives;
  return into;
}

/** Counts for `countAbove` to fill again and again. */
export function emptyCounts({ runEnds }: Cases): CountsAbove {
  return {
    truePositives: new Float64Array(runEnds.length),
    falsePositives: new Float64Array(runEnds.length),
    positives: 0,
    negatives: 0,
  };
}

/** The distinct scores of the cases, by falling score. */
export function distinctScores({ scores, order, runEnds }: Cases): Float64Array {
  return Float64Array.from(runEnds, (end) => scores[order[end - 1]!]!);
}
