import { validationError } from '../errors';

/** Labelled scores, checked and ranked once; every statistic reads them. */
export interface Cases {
  /** `[n]`, 1 is positive. */
  readonly labels: Uint8Array;
  /** `[n]`, higher means more likely positive. */
  readonly scores: Float64Array;
  /** `[n]`, case indices by falling score. */
  readonly order: Uint32Array;
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
  const ranked = Float64Array.from(scores);
  return {
    labels: Uint8Array.from(labels),
    scores: ranked,
    order: new Uint32Array(n).map((_, i) => i).sort((a, b) => ranked[b]! - ranked[a]! || a - b),
    positives,
    negatives: n - positives,
  };
}

/** @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES */
export function assertBothClasses(cases: Cases): void {
  const details = { cases: cases.labels.length };
  if (cases.positives === 0) throw validationError('VALIDATION_NO_POSITIVES', details);
  if (cases.negatives === 0) throw validationError('VALIDATION_NO_NEGATIVES', details);
}

/** @throws VALIDATION_SCORE_NOT_PROBABILITY */
export function assertProbabilities(cases: Cases): void {
  const index = cases.scores.findIndex((score) => score < 0 || score > 1);
  if (index >= 0) throw validationError('VALIDATION_SCORE_NOT_PROBABILITY', { index, score: cases.scores[index]! });
}

/** Each case once. */
export function unitWeights(cases: Cases): Weights {
  return new Uint32Array(cases.labels.length).fill(1);
}

/**
 * Walks the cases by falling score, one step a distinct score, so that tied cases are never told apart.
 * `visit` gets the score and how many positives and negatives (by weight) have exactly it.
 */
export function forEachDistinctScore(
  cases: Cases,
  weights: Weights,
  visit: (score: number, positives: number, negatives: number) => void,
): void {
  const { labels, scores, order } = cases;
  for (let start = 0; start < order.length;) {
    const score = scores[order[start]!]!;
    let positives = 0;
    let negatives = 0;
    for (; start < order.length && scores[order[start]!] === score; start++) {
      const i = order[start]!;
      if (labels[i] === 1) positives += weights[i]!;
      else negatives += weights[i]!;
    }
    visit(score, positives, negatives);
  }
}
