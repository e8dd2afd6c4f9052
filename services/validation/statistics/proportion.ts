import { validationError } from '../errors';

/** 97.5 % quantile of the standard normal distribution: every interval here is two-sided 95 %. */
export const Z95 = 1.959963984540054;

export interface Interval {
  lower: number;
  upper: number;
}

/**
 * Wilson score interval (95 %) of a binomial proportion: the proportions that a score test would not reject.
 * It keeps its coverage near 0 and 1 and for small counts, where the Wald interval does not.
 *
 * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927);
 * recommended by Brown, Cai and DasGupta, Statistical Science 16 (2001).
 *
 * @throws VALIDATION_PROPORTION_INVALID
 */
export function wilsonInterval(successes: number, trials: number): Interval {
  if (!(trials > 0 && successes >= 0 && successes <= trials)) {
    throw validationError('VALIDATION_PROPORTION_INVALID', { successes, trials });
  }
  const p = successes / trials;
  const z2 = Z95 * Z95;
  const centre = (p + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = (Z95 / (1 + z2 / trials)) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials));
  // At 0 and n successes the bound is exactly 0 and 1; rounding must not take it past them.
  return {
    lower: successes === 0 ? 0 : Math.max(0, centre - half),
    upper: successes === trials ? 1 : Math.min(1, centre + half),
  };
}
