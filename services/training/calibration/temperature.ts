/** Logits divided by more or less than this say that the split cannot tell: too few cases, or classes apart. */
const RANGE = [0.05, 20] as const;
const STEPS = 100;
const TOLERANCE = 1e-10;
/** Six digits are more than any split fixes, and make the same number from the last bit's noise. */
const DIGITS = 6;

export interface FittedTemperature {
  temperature: number;
  /** Mean negative log-likelihood of the labels, before and after. */
  before: number;
  after: number;
}

/**
 * The temperature T > 0 under which softmax(logits / T) makes the labels most likely. The order of the classes stays, in
 * every case, and with it accuracy, and AUC of two classes.
 *
 * The likelihood is concave in 1/T, so its maximum is where the derivative, which falls, crosses 0: Newton's steps, cut to
 * the interval that still brackets it. Undefined where there is none within 0.05 to 20: where logits tell all labels
 * apart, the likelihood rises for ever with 1/T; where they tell nothing or the wrong thing, with T.
 *
 * `logits` is `[n, classes]` in rows, `labels` `[n]` with classes from 0.
 *
 * Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, section 4.2.
 */
export function fitTemperature(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): FittedTemperature | undefined {
  const at = (inverse: number) => likelihood(logits, labels, classes, inverse);
  let [low, high] = [1 / RANGE[1], 1 / RANGE[0]];
  if (labels.length === 0 || !(at(low).slope > 0 && at(high).slope < 0)) return undefined;
  let inverse = 1;
  for (let step = 0; step < STEPS && high - low > TOLERANCE * inverse; step++) {
    const { slope, curvature } = at(inverse);
    if (slope === 0) break;
    if (slope > 0) low = inverse;
    else high = inverse;
    const newton = inverse - slope / curvature;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - inverse) < TOLERANCE * inverse) break;
    inverse = next;
  }
  const temperature = Number((1 / inverse).toPrecision(DIGITS));
  return { temperature, before: -at(1).mean, after: -at(1 / temperature).mean };
}

/** Mean log-likelihood at 1/T with its first two derivatives: E[z_y − E_p z] and −E[Var_p z]. */
function likelihood(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number, inverse: number) {
  let mean = 0;
  let slope = 0;
  let curvature = 0;
  for (let i = 0; i < labels.length; i++) {
    const row = Array.from({ length: classes }, (_, c) => logits[i * classes + c]!);
    const top = Math.max(...row);
    const weights = row.map((z) => Math.exp((z - top) * inverse));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const expected = weights.reduce((sum, weight, c) => sum + weight * row[c]!, 0) / total;
    const square = weights.reduce((sum, weight, c) => sum + weight * (row[c]! - expected) ** 2, 0) / total;
    const own = row[labels[i]!]!;
    mean += (own - top) * inverse - Math.log(total);
    slope += own - expected;
    curvature -= square;
  }
  const n = labels.length;
  return { mean: mean / n, slope: slope / n, curvature: curvature / n };
}
