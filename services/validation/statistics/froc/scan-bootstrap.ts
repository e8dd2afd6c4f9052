import { seededRandom } from 'seeded-random';
import { validationError } from '../../errors';
import type { BootstrapOptions } from '../patient-bootstrap';
import { CPM_RATES, meanOf, sensitivitiesAt } from './froc-curve';
import type { FrocMarks, ScanWeights } from './froc-marks';
import { orderStatistic } from './order-statistic';

/** Over the resamples: their mean, and the order statistics that bound 95 % of them. */
export interface ResampledEstimate {
  mean: number;
  lower: number;
  upper: number;
}

export interface FrocBootstrap {
  /** Of the sensitivity at each rate asked for. */
  sensitivities: ResampledEstimate[];
  cpm: ResampledEstimate;
  /** Resamples that had a nodule, and so count. */
  usable: number;
}

/**
 * Bootstrap over scans as in the challenge: whole scans are drawn with replacement, as many as there are. Of B values by
 * rising size the bounds are number ⌊0.025·B⌋ + 1 and number ⌊0.975·B⌋ + 1.
 *
 * `rates` are false positives a scan, rising. Resamples without a nodule, which have no sensitivity, are left out.
 *
 * Source: the challenge's script; Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
 *
 * @throws VALIDATION_BOOTSTRAP_UNDEFINED: less than half of the resamples have a nodule
 */
export function scanBootstrap(
  marks: FrocMarks,
  rates: readonly number[],
  { resamples, seed }: BootstrapOptions,
): FrocBootstrap {
  return summarizeResamples(marks, rates, drawScans(marks.scans, { resamples, seed }), resamples);
}

/** How often each scan is drawn, one resample after the other; the array is used again. */
export function* drawScans(scans: number, { resamples, seed }: BootstrapOptions): Generator<ScanWeights, undefined> {
  const random = seededRandom(seed);
  const weights = new Uint32Array(scans);
  for (let r = 0; r < resamples; r++) {
    weights.fill(0);
    for (let k = 0; k < scans; k++) weights[random.integer(scans)]!++;
    yield weights;
  }
}

/** The same for resamples that are given, such as those of another program. */
export function summarizeResamples(
  marks: FrocMarks,
  rates: readonly number[],
  draws: Iterable<ScanWeights>,
  resamples: number,
): FrocBootstrap {
  // [resamples, rates]: 80 MB for 1000 and the 10,000 rates of the challenge's file.
  const rows = new Float64Array(resamples * rates.length);
  const scores = new Float64Array(resamples);
  let usable = 0;
  for (const weights of draws) {
    const score = meanOf(sensitivitiesAt(marks, CPM_RATES, weights));
    if (Number.isNaN(score)) continue;
    scores[usable] = score;
    sensitivitiesAt(marks, rates, weights, rows.subarray(usable * rates.length, (usable + 1) * rates.length));
    usable++;
  }
  if (usable < resamples / 2) throw validationError('VALIDATION_BOOTSTRAP_UNDEFINED', { usable, resamples });
  return {
    sensitivities: summarizeColumns(rows, rates.length, usable),
    cpm: summarize(scores.subarray(0, usable)),
    usable,
  };
}

/** Columns are copied out some at a time: one at a time would fetch each line of the cache eight times. */
const COLUMNS_AT_A_TIME = 16;

function summarizeColumns(rows: Float64Array, width: number, height: number): ResampledEstimate[] {
  const columns = new Float64Array(COLUMNS_AT_A_TIME * height);
  const found: ResampledEstimate[] = [];
  for (let first = 0; first < width; first += COLUMNS_AT_A_TIME) {
    const count = Math.min(COLUMNS_AT_A_TIME, width - first);
    for (let row = 0; row < height; row++) {
      for (let c = 0; c < count; c++) columns[c * height + row] = rows[row * width + first + c]!;
    }
    for (let c = 0; c < count; c++) found.push(summarize(columns.subarray(c * height, (c + 1) * height)));
  }
  return found;
}

/** Moves the values about. */
function summarize(values: Float64Array): ResampledEstimate {
  // (1 - 0.95) / 2 as a double is a little more than 0.025: the ranks are those of the script for every B.
  const tail = (1 - 0.95) / 2;
  return {
    mean: meanOf(values),
    lower: orderStatistic(values, Math.floor(tail * values.length)),
    upper: orderStatistic(values, Math.floor((1 - tail) * values.length)),
  };
}
