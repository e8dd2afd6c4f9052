import { unitScanWeights, type FrocMarks, type ScanWeights } from './froc-marks';

/** The seven rates whose mean sensitivity is the challenge's score. */
export const CPM_RATES = [0.125, 0.25, 0.5, 1, 2, 4, 8] as const;

export interface FrocPoint {
  /** Marks count when their probability is at least this; Infinity at the first point, where none counts. */
  threshold: number;
  falsePositivesPerScan: number;
  sensitivity: number;
}

/**
 * The corners of the empirical FROC curve by falling threshold, from (0, 0). Tied probabilities are one step. Points on a
 * straight line between their neighbours are left out, as scikit-learn's `roc_curve` does, but for the first threshold.
 *
 * Source: Bunch et al., "A free response approach to the measurement and characterization of radiographic observer
 * performance", Proc. SPIE 127 (1977); the challenge's script.
 */
export function frocCurve(marks: FrocMarks): FrocPoint[] {
  const corners = [{ threshold: Infinity, falsePositives: 0, hits: 0 }];
  const thresholds = distinctSteps(marks);
  thresholds.forEach((step, i) => {
    const [before, after] = [thresholds[i - 1], thresholds[i + 1]];
    const straight =
      before &&
      after &&
      step.falsePositives - before.falsePositives === after.falsePositives - step.falsePositives &&
      step.hits - before.hits === after.hits - step.hits;
    if (!straight) corners.push(step);
  });
  const all = totals(marks, unitScanWeights(marks));
  return corners.map(({ threshold, falsePositives, hits }) => ({
    threshold,
    falsePositivesPerScan: rateOf(falsePositives, all),
    sensitivity: hits / all.nodules,
  }));
}

/**
 * Sensitivity at each of these false positives a scan (rising), by straight lines between the points of the curve; where
 * the curve jumps at exactly that rate, its upper end; beyond the last point, that point. NaN where no nodule counts.
 */
export function sensitivitiesAt(
  marks: FrocMarks,
  rates: ArrayLike<number>,
  weights: ScanWeights,
  sensitivities: Float64Array = new Float64Array(rates.length),
): Float64Array {
  const { steps } = marks;
  const all = totals(marks, weights);
  let falsePositives = 0;
  let hits = 0;
  let rate = 0;
  let sensitivity = 0;
  let next = 0;
  for (let i = 0; i < steps.length && next < rates.length; i++) {
    const step = steps[i]!;
    const weight = weights[step >>> 2]!;
    if ((step & 2) !== 0) hits += weight;
    else falsePositives += weight;
    if ((step & 1) === 0) continue;
    const reached = rateOf(falsePositives, all);
    const found = hits / all.nodules;
    for (; next < rates.length && rates[next]! < reached; next++) {
      const slope = (found - sensitivity) / (reached - rate);
      sensitivities[next] = slope * (rates[next]! - rate) + sensitivity;
    }
    rate = reached;
    sensitivity = found;
  }
  // A scan without nodules divides by none: its sensitivity is not 0 but not defined.
  sensitivities.fill(all.nodules === 0 ? NaN : sensitivity, all.nodules === 0 ? 0 : next);
  return sensitivities;
}

/**
 * The competition performance metric: mean sensitivity at 1/8, 1/4, 1/2, 1, 2, 4 and 8 false positives a scan. NaN where
 * no nodule counts. With `weights` it is the statistic of a bootstrap over scans, or over patients when all scans of one
 * count alike; two detectors are compared on the same resamples by the difference of two calls.
 *
 * Source: Niemeijer et al., "On combining computer-aided detection systems", IEEE Trans. Medical Imaging 30 (2011).
 *
 * ```ts
 * const [interval] = patientBootstrap(patientOfScan, (w) => [cpm(ours, w) - cpm(theirs, w)], { resamples, seed });
 * ```
 */
export function cpm(marks: FrocMarks, weights: ScanWeights = unitScanWeights(marks)): number {
  return meanOf(sensitivitiesAt(marks, CPM_RATES, weights));
}

export function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

interface Totals {
  scans: number;
  nodules: number;
  falsePositives: number;
}

function totals({ nodulesOf, falsePositivesOf }: FrocMarks, weights: ScanWeights): Totals {
  const all = { scans: 0, nodules: 0, falsePositives: 0 };
  for (let scan = 0; scan < weights.length; scan++) {
    const weight = weights[scan]!;
    all.scans += weight;
    all.nodules += weight * nodulesOf[scan]!;
    all.falsePositives += weight * falsePositivesOf[scan]!;
  }
  return all;
}

/**
 * Count / scans, rounded as the challenge's script rounds it, which goes by way of the false positive rate. At a jump of
 * the curve the last bit decides on which side of it a rate such as 1/8 is.
 */
function rateOf(count: number, { falsePositives, scans }: Totals): number {
  return falsePositives === 0 ? 0 : ((count / falsePositives) * falsePositives) / scans;
}

function distinctSteps({ steps, probabilities }: FrocMarks) {
  const found: { threshold: number; falsePositives: number; hits: number }[] = [];
  let falsePositives = 0;
  let hits = 0;
  steps.forEach((step, i) => {
    if ((step & 2) !== 0) hits++;
    else falsePositives++;
    if ((step & 1) !== 0) found.push({ threshold: probabilities[i]!, falsePositives, hits });
  });
  return found;
}
