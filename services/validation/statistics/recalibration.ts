import { assertBothClasses, assertProbabilities, unitWeights, type Cases, type Weights } from './cases';

/** Scores of 0 and 1 have no finite logit; this is about what FP32 can tell from 1. */
const CLOSEST_TO_CERTAIN = 1e-7;

/** Logits of the cases' scores, computed once for all resamples; those beyond ±16.1 are held there. */
export interface LogitCases {
  /** `[n]` */
  logits: Float64Array;
  labels: Uint8Array;
}

/** @throws VALIDATION_SCORE_NOT_PROBABILITY, VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES */
export function logitsOf(cases: Cases): LogitCases {
  assertProbabilities(cases);
  assertBothClasses(cases);
  const logits = cases.scores.map((score) => {
    const p = Math.min(1 - CLOSEST_TO_CERTAIN, Math.max(CLOSEST_TO_CERTAIN, score));
    return Math.log(p / (1 - p));
  });
  return { logits, labels: cases.labels };
}

/**
 * Calibration in the large: the a of P(positive) = σ(a + logit(score)), by maximum likelihood. 0 is perfect; below 0
 * the scores are too high on the whole. NaN where a resample lacks a class.
 *
 * Source: Cox, Biometrika 45 (1958); Van Calster et al., BMC Medicine 17 (2019).
 */
export function calibrationIntercept(cases: LogitCases, weights: Weights = unitWeights(cases)): number {
  const { logits } = cases;
  const { positives, total, lowest, highest } = summarise(cases, weights);
  if (positives === 0 || positives === total) return NaN;
  const prevalence = Math.log(positives / (total - positives));
  // The answer lies where the mean of σ(a + logit) can be the prevalence; Newton's steps are held within.
  let low = prevalence - highest;
  let high = prevalence - lowest;
  let a = Math.min(high, Math.max(low, 0));
  for (let step = 0; step < 200; step++) {
    let excess = positives;
    let slope = 0;
    for (let i = 0; i < logits.length; i++) {
      if (weights[i] === 0) continue;
      const p = sigmoid(a + logits[i]!);
      excess -= weights[i]! * p;
      slope += weights[i]! * p * (1 - p);
    }
    if (excess > 0) low = a;
    else high = a;
    let next = a + excess / slope;
    if (!(next >= low && next <= high)) next = (low + high) / 2;
    if (Math.abs(next - a) <= 1e-12 * (1 + Math.abs(a))) return next;
    a = next;
  }
  return a;
}

/**
 * Calibration slope: the b of P(positive) = σ(a + b · logit(score)), by maximum likelihood. 1 is perfect; below 1 the
 * scores are too extreme. ±∞ where the scores separate the classes, so that no finite slope is the most likely; NaN
 * where a resample lacks a class or all its scores are equal.
 *
 * Source: Cox, Biometrika 45 (1958); Van Calster et al., BMC Medicine 17 (2019). When the estimate is finite:
 * Albert and Anderson, Biometrika 71 (1984).
 */
export function calibrationSlope(cases: LogitCases, weights: Weights = unitWeights(cases)): number {
  const range = summarise(cases, weights);
  const { positives, total, lowest, highest } = range;
  if (positives === 0 || positives === total || lowest === highest) return NaN;
  if (range.lowestPositive >= range.highestNegative) return Infinity;
  if (range.lowestNegative >= range.highestPositive) return -Infinity;
  const centre = range.sum / total;
  let fit = { a: Math.log(positives / (total - positives)), b: 0 };
  let current = likelihoodAt(cases, weights, centre, fit);
  for (let step = 0; step < 100; step++) {
    let { da, db } = newtonStep(current);
    let next = { a: fit.a + da, b: fit.b + db };
    let reached = likelihoodAt(cases, weights, centre, next);
    // The likelihood has one hill: a step past its top is taken back by halves.
    for (let half = 0; half < 40 && !(reached.logLikelihood >= current.logLikelihood - 1e-9); half++) {
      da /= 2;
      db /= 2;
      next = { a: fit.a + da, b: fit.b + db };
      reached = likelihoodAt(cases, weights, centre, next);
    }
    fit = next;
    current = reached;
    if (Math.abs(db) <= 1e-11 * (1 + Math.abs(fit.b)) && Math.abs(da) <= 1e-11 * (1 + Math.abs(fit.a))) break;
  }
  return fit.b;
}

interface Likelihood {
  logLikelihood: number;
  /** Gradient, and the negative of the Hessian. */
  ga: number;
  gb: number;
  haa: number;
  hab: number;
  hbb: number;
}

function likelihoodAt(
  { logits, labels }: LogitCases,
  weights: Weights,
  centre: number,
  { a, b }: { a: number; b: number },
): Likelihood {
  const sum = { logLikelihood: 0, ga: 0, gb: 0, haa: 0, hab: 0, hbb: 0 };
  for (let i = 0; i < logits.length; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    const x = logits[i]! - centre;
    const eta = a + b * x;
    const tail = Math.exp(-Math.abs(eta)); // of the likelier side, so that nothing overflows
    const p = eta >= 0 ? 1 / (1 + tail) : tail / (1 + tail);
    const label = labels[i]!;
    sum.logLikelihood += weight * ((label === 1 ? Math.min(eta, 0) : -Math.max(eta, 0)) - Math.log1p(tail));
    const residual = weight * (label - p);
    const spread = (weight * tail) / (1 + tail) ** 2;
    sum.ga += residual;
    sum.gb += residual * x;
    sum.haa += spread;
    sum.hab += spread * x;
    sum.hbb += spread * x * x;
  }
  return sum;
}

function newtonStep({ ga, gb, haa, hab, hbb }: Likelihood): { da: number; db: number } {
  const determinant = haa * hbb - hab * hab;
  return { da: (hbb * ga - hab * gb) / determinant, db: (haa * gb - hab * ga) / determinant };
}

function summarise({ logits, labels }: LogitCases, weights: Weights) {
  let positives = 0;
  let total = 0;
  let sum = 0;
  const lowest = [Infinity, Infinity];
  const highest = [-Infinity, -Infinity];
  for (let i = 0; i < logits.length; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    const label = labels[i]!;
    const x = logits[i]!;
    positives += weight * label;
    total += weight;
    sum += weight * x;
    if (x < lowest[label]!) lowest[label] = x;
    if (x > highest[label]!) highest[label] = x;
  }
  return {
    positives,
    total,
    sum,
    lowest: Math.min(...lowest),
    highest: Math.max(...highest),
    lowestNegative: lowest[0]!,
    lowestPositive: lowest[1]!,
    highestNegative: highest[0]!,
    highestPositive: highest[1]!,
  };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
