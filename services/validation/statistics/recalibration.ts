import { assertBothClasses, assertProbabilities, type Cases } from './cases';
import type { Interval } from './proportion';
import { studentT975 } from './student-t';

/** Scores of 0 and 1 have no finite logit; this is about what FP32 can tell from 1. */
const CLOSEST_TO_CERTAIN = 1e-7;

export interface Recalibration {
  value: number;
  /** Null where the value is not finite, or all cases are of one cluster. */
  interval: Interval | null;
}

/**
 * Calibration in the large: the a of P(positive) = σ(a + logit(score)), by maximum likelihood. 0 is perfect; below 0
 * the scores are too high on the whole. Logits beyond ±16.1 are held there.
 *
 * `clusterOf` is `[n]`, the cluster (patient) of each case as an integer from 0. The interval is `a ± t·√V` with the
 * cluster-robust variance V and Student's t with one degree of freedom less than there are clusters.
 *
 * Source: Cox, Biometrika 45 (1958); Van Calster et al., BMC Medicine 17 (2019). Variance: Liang and Zeger,
 * Biometrika 73 (1986), with the correction and the t of Cameron and Miller, Journal of Human Resources 50 (2015).
 *
 * @throws VALIDATION_SCORE_NOT_PROBABILITY, VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES
 */
export function calibrationIntercept(cases: Cases, clusterOf: ArrayLike<number>): Recalibration {
  const logits = logitsOf(cases);
  const prevalence = Math.log(cases.positives / cases.negatives);
  // The answer lies where the mean of σ(a + logit) can be the prevalence; Newton's steps are held within.
  let low = prevalence - logits.reduce((most, x) => Math.max(most, x), -Infinity);
  let high = prevalence - logits.reduce((least, x) => Math.min(least, x), Infinity);
  let a = Math.min(high, Math.max(low, 0));
  for (let step = 0; step < 200; step++) {
    let excess = cases.positives;
    let slope = 0;
    for (const x of logits) {
      const p = sigmoid(a + x);
      excess -= p;
      slope += p * (1 - p);
    }
    if (excess > 0) low = a;
    else high = a;
    let next = a + excess / slope;
    if (!(next >= low && next <= high)) next = (low + high) / 2;
    const moved = Math.abs(next - a);
    a = next;
    if (moved <= 1e-13 * (1 + Math.abs(a))) break;
  }
  const { haa } = likelihoodAt(logits, cases.labels, { a, b: 1 });
  return withInterval(a, cases, clusterOf, (i) => (cases.labels[i]! - sigmoid(a + logits[i]!)) / haa);
}

/**
 * Calibration slope: the b of P(positive) = σ(a + b · logit(score)), by maximum likelihood. 1 is perfect; below 1 the
 * scores are too extreme. ±∞ where the scores separate the classes, so that no finite slope is the most likely; NaN
 * where all scores are equal. Interval and sources as for {@link calibrationIntercept}; when the estimate is finite:
 * Albert and Anderson, Biometrika 71 (1984).
 *
 * @throws VALIDATION_SCORE_NOT_PROBABILITY, VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES
 */
export function calibrationSlope(cases: Cases, clusterOf: ArrayLike<number>): Recalibration {
  const logits = logitsOf(cases);
  const limit = slopeOfSeparated(logits, cases.labels);
  if (limit !== undefined) return { value: limit, interval: null };
  // Centred, so that intercept and slope hardly depend on each other.
  const centre = logits.reduce((sum, x) => sum + x, 0) / logits.length;
  const centred = logits.map((x) => x - centre);
  const { a, b } = mostLikely(centred, cases);
  const { haa, hab, hbb } = likelihoodAt(centred, cases.labels, { a, b });
  const determinant = haa * hbb - hab * hab;
  return withInterval(b, cases, clusterOf, (i) => {
    const residual = cases.labels[i]! - sigmoid(a + b * centred[i]!);
    return (residual * (haa * centred[i]! - hab)) / determinant;
  });
}

function logitsOf(cases: Cases): Float64Array {
  assertProbabilities(cases);
  assertBothClasses(cases);
  return cases.scores.map((score) => {
    const p = Math.min(1 - CLOSEST_TO_CERTAIN, Math.max(CLOSEST_TO_CERTAIN, score));
    return Math.log(p / (1 - p));
  });
}

function slopeOfSeparated(logits: Float64Array, labels: Uint8Array): number | undefined {
  const lowest = [Infinity, Infinity];
  const highest = [-Infinity, -Infinity];
  logits.forEach((x, i) => {
    lowest[labels[i]!] = Math.min(lowest[labels[i]!]!, x);
    highest[labels[i]!] = Math.max(highest[labels[i]!]!, x);
  });
  const upright = lowest[1]! >= highest[0]!;
  const upsideDown = lowest[0]! >= highest[1]!;
  if (upright && upsideDown) return NaN;
  return upright ? Infinity : upsideDown ? -Infinity : undefined;
}

interface Line {
  a: number;
  b: number;
}

/** Newton's method; a step past the top of the likelihood, which has one hill, is taken back by halves. */
function mostLikely(x: Float64Array, { labels, positives, negatives }: Cases): Line {
  let fit: Line = { a: Math.log(positives / negatives), b: 0 };
  let current = likelihoodAt(x, labels, fit);
  for (let step = 0; step < 100; step++) {
    const { ga, gb, haa, hab, hbb } = current;
    const determinant = haa * hbb - hab * hab;
    const da = (hbb * ga - hab * gb) / determinant;
    const db = (haa * gb - hab * ga) / determinant;
    let share = 1;
    let next = { a: fit.a + da, b: fit.b + db };
    let reached = likelihoodAt(x, labels, next);
    while (share > 1e-12 && !(reached.logLikelihood >= current.logLikelihood - 1e-9)) {
      share /= 2;
      next = { a: fit.a + share * da, b: fit.b + share * db };
      reached = likelihoodAt(x, labels, next);
    }
    fit = next;
    current = reached;
    if (Math.abs(db) <= 1e-12 * (1 + Math.abs(fit.b)) && Math.abs(da) <= 1e-12 * (1 + Math.abs(fit.a))) break;
  }
  return fit;
}

/** Log-likelihood of a line, its gradient, and the negative of its Hessian. */
function likelihoodAt(x: Float64Array, labels: Uint8Array, { a, b }: Line) {
  const sum = { logLikelihood: 0, ga: 0, gb: 0, haa: 0, hab: 0, hbb: 0 };
  for (let i = 0; i < x.length; i++) {
    const eta = a + b * x[i]!;
    const tail = Math.exp(-Math.abs(eta)); // of the likelier side, so that nothing overflows
    const residual = labels[i]! - sigmoid(eta);
    const spread = tail / (1 + tail) ** 2;
    sum.logLikelihood += (labels[i] === 1 ? Math.min(eta, 0) : -Math.max(eta, 0)) - Math.log1p(tail);
    sum.ga += residual;
    sum.gb += residual * x[i]!;
    sum.haa += spread;
    sum.hab += spread * x[i]!;
    sum.hbb += spread * x[i]! * x[i]!;
  }
  return sum;
}

/** `influence(i)` is how much case i moves the estimate; the influences of a cluster are not independent. */
function withInterval(
  value: number,
  { labels }: Cases,
  clusterOf: ArrayLike<number>,
  influence: (i: number) => number,
): Recalibration {
  const sums = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) sums.set(clusterOf[i]!, (sums.get(clusterOf[i]!) ?? 0) + influence(i));
  const clusters = sums.size;
  if (clusters < 2) return { value, interval: null };
  let squares = 0;
  for (const sum of sums.values()) squares += sum * sum;
  const half = studentT975(clusters - 1) * Math.sqrt((squares * clusters) / (clusters - 1));
  return { value, interval: { lower: value - half, upper: value + half } };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
