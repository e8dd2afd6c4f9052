import { twoSidedP } from './normal';

/** Below this many discordant pairs the binomial distribution itself is used and not its normal approximation. */
const EXACT_BELOW = 25;

/**
 * McNemar's test, two-sided: of the pairs that one of two models gets right and the other wrong, is each as often the
 * right one? Exact (binomial with a half) below 25 such pairs, else χ² with one degree of freedom and Edwards'
 * continuity correction, `(|b − c| − 1)² / (b + c)`. Without any such pair p is 1.
 *
 * Source: McNemar, Psychometrika 12 (1947); Edwards, Psychometrika 13 (1948); the bound of 25: Fleiss, "Statistical
 * Methods for Rates and Proportions" (1981), section 8.1, as in statsmodels and R.
 */
export function mcnemarP(onlyFirstRight: number, onlySecondRight: number): number {
  const discordant = onlyFirstRight + onlySecondRight;
  const gap = Math.abs(onlyFirstRight - onlySecondRight);
  if (gap === 0) return 1;
  if (discordant < EXACT_BELOW) return Math.min(1, 2 * binomialHalfCdf((discordant - gap) / 2, discordant));
  return twoSidedP((gap - 1) / Math.sqrt(discordant));
}

/** P(X ≤ k) for X binomial of n with probability one half; exact in a double for n < 50. */
function binomialHalfCdf(k: number, n: number): number {
  let ways = 1;
  let sum = 1;
  for (let i = 1; i <= k; i++) {
    ways = (ways * (n - i + 1)) / i;
    sum += ways;
  }
  return sum / 2 ** n;
}
