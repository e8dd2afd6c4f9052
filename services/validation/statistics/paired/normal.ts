/** Two-sided p value of a standard normal statistic: the probability of |Z| ≥ |z|. */
export function twoSidedP(z: number): number {
  return erfc(Math.abs(z) / Math.SQRT2);
}

/**
 * Complementary error function of x ≥ 0, to the last digits of a double also far out, where 1 − erf has none left.
 *
 * Source: Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964): the series 7.1.6 near zero, the continued
 * fraction 7.1.14 beyond.
 */
function erfc(x: number): number {
  const gauss = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x < 2) {
    let term = 2 * x;
    let sum = term;
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - gauss * sum;
  }
  let fraction = x;
  for (let n = 120; n > 0; n--) fraction = x + n / 2 / fraction;
  return gauss / fraction;
}
