import { assertProbabilities, unitWeights, type Cases, type Weights } from './cases';
import { wilsonInterval, type Interval } from './proportion';
import { ofSums, type SummedStatistic } from './summed';

/** One bin of the reliability curve; `observed` and its Wilson interval are null where the bin is empty. */
export interface ReliabilityBin {
  /** Scores in (from, to]; the first bin holds its lower edge as well. */
  from: number;
  to: number;
  n: number;
  /** Mean score in the bin. */
  predicted: number | null;
  /** Share of positives in the bin. */
  observed: number | null;
  interval: Interval | null;
}

/**
 * Reliability curve over `bins` bins of equal width (those of scikit-learn's `calibration_curve`).
 *
 * Source: DeGroot and Fienberg, The Statistician 32 (1983); Niculescu-Mizil and Caruana, ICML 2005.
 *
 * @throws VALIDATION_SCORE_NOT_PROBABILITY
 */
export function reliabilityBins(cases: Cases, bins: number): ReliabilityBin[] {
  const sums = sumByEqualWidth(cases, bins, unitWeights(cases));
  return Array.from(sums.n, (_, b) => describeBin(sums, b, b / bins, (b + 1) / bins));
}

/**
 * Reliability curve over at most `bins` bins of as many cases each: the edges are the quantiles of the scores, linear
 * between two of them (scikit-learn's `strategy='quantile'`). Equal scores stay together, so that bins can differ in
 * size; empty ones are left out.
 *
 * @throws VALIDATION_SCORE_NOT_PROBABILITY
 */
export function equalMassBins(cases: Cases, bins: number): ReliabilityBin[] {
  assertProbabilities(cases);
  if (cases.order.length === 0) return [];
  const weights = unitWeights(cases);
  const inner = quantiles(cases, bins, weights);
  const edges = [cases.scores[cases.order.at(-1)!]!, ...inner, cases.scores[cases.order[0]!]!];
  const sums = sumBetween(cases, inner, weights);
  return Array.from(sums.n, (_, b) => describeBin(sums, b, edges[b]!, edges[b + 1]!)).filter(({ n }) => n > 0);
}

/**
 * Expected calibration error of the positive class's probability: the mean over bins of equal width of
 * |share of positives − mean score|, weighted by the cases in the bin. NaN for a resample of nothing.
 *
 * Source: Naeini, Cooper and Hauskrecht, AAAI 2015.
 *
 * @throws VALIDATION_SCORE_NOT_PROBABILITY
 */
export function expectedCalibrationError(cases: Cases, bins: number, weights: Weights = unitWeights(cases)): number {
  return ofSums(summedCalibrationError(cases, bins), weights)[0]!;
}

/** {@link expectedCalibrationError} for a bootstrap over patients. */
export function summedCalibrationError(cases: Cases, bins: number): SummedStatistic {
  assertProbabilities(cases);
  const { scores, labels } = cases;
  const binOf = Uint8Array.from(scores, (score) => equalWidthBin(score, bins));
  return {
    size: 2 * bins,
    add(i, weight, sums, start) {
      const at = start + 2 * binOf[i]!;
      sums[at]! += weight;
      sums[at + 1]! += weight * (labels[i]! - scores[i]!);
    },
    of(sums) {
      let total = 0;
      let distance = 0;
      for (let b = 0; b < bins; b++) {
        total += sums[2 * b]!;
        distance += Math.abs(sums[2 * b + 1]!);
      }
      return [distance / total];
    },
  };
}

/**
 * The same over bins of equal mass, those of {@link equalMassBins}. A resample has quantiles of its own.
 *
 * Source: Nguyen and O'Connor, EMNLP 2015; Nixon et al., "Measuring calibration in deep learning", CVPR workshops 2019.
 *
 * @throws VALIDATION_SCORE_NOT_PROBABILITY
 */
export function equalMassCalibrationError(cases: Cases, bins: number, weights: Weights = unitWeights(cases)): number {
  assertProbabilities(cases);
  return meanDistance(sumBetween(cases, quantiles(cases, bins, weights), weights));
}

/** What the cases of each bin add up to, by weight. */
export interface BinSums {
  n: Float64Array;
  scores: Float64Array;
  positives: Float64Array;
}

function emptySums(bins: number): BinSums {
  return { n: new Float64Array(bins), scores: new Float64Array(bins), positives: new Float64Array(bins) };
}

/** @throws VALIDATION_SCORE_NOT_PROBABILITY */
export function sumByEqualWidth(cases: Cases, bins: number, weights: Weights): BinSums {
  assertProbabilities(cases);
  const sums = emptySums(bins);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    const score = cases.scores[i]!;
    const bin = equalWidthBin(score, bins);
    sums.n[bin]! += weight;
    sums.scores[bin]! += weight * score;
    sums.positives[bin]! += weight * cases.labels[i]!;
  }
  return sums;
}

/** The bin whose (from, to] holds the score; `score * bins` alone would round 0.07 · 100 into the next bin. */
export function equalWidthBin(score: number, bins: number): number {
  const near = Math.max(0, Math.ceil(score * bins) - 1);
  return near > 0 && score <= near / bins ? near - 1 : near;
}

/** Sums over the bins between rising inner edges; a score on an edge lies below it. */
function sumBetween({ order, scores, labels }: Cases, innerEdges: readonly number[], weights: Weights): BinSums {
  const sums = emptySums(innerEdges.length + 1);
  let bin = 0;
  for (let k = order.length - 1; k >= 0; k--) {
    const i = order[k]!;
    const weight = weights[i]!;
    const score = scores[i]!;
    while (bin < innerEdges.length && score > innerEdges[bin]!) bin++;
    sums.n[bin]! += weight;
    sums.scores[bin]! += weight * score;
    sums.positives[bin]! += weight * labels[i]!;
  }
  return sums;
}

/** The inner edges of bins of equal mass: quantiles 1/bins, 2/bins, … (type 7 of Hyndman and Fan 1996, as numpy's). */
function quantiles({ order, scores }: Cases, bins: number, weights: Weights): number[] {
  let n = 0;
  for (let i = 0; i < weights.length; i++) n += weights[i]!;
  if (n === 0) return new Array<number>(bins - 1).fill(NaN);
  let k = order.length - 1;
  let passed = weights[order[k]!]!;
  /** The score of this rank from 0, by rising score; ranks must not fall from call to call. */
  const scoreAt = (rank: number): number => {
    while (passed <= rank) passed += weights[order[--k]!]!;
    return scores[order[k]!]!;
  };
  return Array.from({ length: bins - 1 }, (_, b) => {
    // In whole numbers, so that no quantile misses a score by rounding.
    const place = (n - 1) * (b + 1);
    const rank = Math.floor(place / bins);
    const below = scoreAt(rank);
    const share = (place % bins) / bins;
    return share === 0 ? below : below + share * (peekAbove(rank) - below);
  });

  function peekAbove(rank: number): number {
    // A copy of the walk's place: the next quantile may begin at the same rank.
    let next = k;
    for (let seen = passed; seen <= rank + 1; seen += weights[order[next]!]!) next--;
    return scores[order[next]!]!;
  }
}

function meanDistance({ n, scores, positives }: BinSums): number {
  let total = 0;
  let distance = 0;
  for (let b = 0; b < n.length; b++) {
    total += n[b]!;
    distance += Math.abs(positives[b]! - scores[b]!);
  }
  return distance / total;
}

function describeBin({ n, scores, positives }: BinSums, b: number, from: number, to: number): ReliabilityBin {
  const count = n[b]!;
  const some = count > 0;
  return {
    from,
    to,
    n: count,
    predicted: some ? scores[b]! / count : null,
    observed: some ? positives[b]! / count : null,
    interval: some ? wilsonInterval(positives[b]!, count) : null,
  };
}
