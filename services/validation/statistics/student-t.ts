/**
 * 97.5 % quantile of Student's t with `degrees` (a whole number from 1) of freedom: `scipy.stats.t.ppf(0.975, degrees)`.
 *
 * Source: the distribution function in its finite form for whole degrees, Abramowitz and Stegun, "Handbook of
 * Mathematical Functions" (1964), 26.7.3 and 26.7.4, solved by halving.
 */
export function studentT975(degrees: number): number {
  let low = 0;
  let high = 13; // 12.706 for one degree is the largest
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (shareWithin(middle, degrees) < 0.95) low = middle;
    else high = middle;
  }
  return high;
}

/** Probability that |T| is at most `t`. */
function shareWithin(t: number, degrees: number): number {
  const theta = Math.atan(t / Math.sqrt(degrees));
  const [sin, cos] = [Math.sin(theta), Math.cos(theta)];
  const odd = degrees % 2 === 1;
  let term = odd ? cos : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < degrees; k += 2) {
    term *= (cos * cos * (k - 1)) / k;
    if (term < 1e-18) break;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (theta + sin * sum) : sin * sum;
}
