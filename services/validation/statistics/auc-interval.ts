import { assertBothClasses, type Cases } from './cases';
import { delongAuc } from './delong';
import { Z95, type Interval } from './proportion';

/**
 * AUC with its 95 % interval: DeLong's, and Newcombe's where DeLong's variance is 0. That is so when the scores separate
 * the classes, and then DeLong's interval would be the point 1 however few the cases are.
 *
 * @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES
 */
export function aucWithInterval(cases: Cases): { auc: number; interval: Interval & { method: string } } {
  const { auc, variance, lower, upper } = delongAuc(cases);
  return variance > 0
    ? { auc, interval: { lower, upper, method: 'DeLong' } }
    : { auc, interval: { ...newcombeInterval(auc, cases), method: 'Newcombe, for DeLong’s variance is 0' } };
}

/**
 * Score interval of an AUC: every θ with |auc − θ| ≤ z·√V(θ), where V is the variance of Hanley and McNeil (1982) with
 * both classes of the mean size. It is never a single point.
 *
 * Source: R. G. Newcombe, "Confidence intervals for an effect size measure based on the Mann–Whitney statistic. Part 2",
 * Statistics in Medicine 25 (2006), method 5.
 *
 * @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES
 */
export function newcombeInterval(auc: number, cases: Cases): Interval {
  assertBothClasses(cases);
  const { positives, negatives } = cases;
  const others = (positives + negatives) / 2 - 1;
  const rejected = (theta: number) => {
    const shape = 1 + others * ((1 - theta) / (2 - theta) + theta / (1 + theta));
    return (auc - theta) ** 2 > (Z95 ** 2 * theta * (1 - theta) * shape) / (positives * negatives);
  };
  return { lower: auc === 0 ? 0 : edge(auc, 0, rejected), upper: auc === 1 ? 1 : edge(auc, 1, rejected) };
}

/** The place between `inside` and `outside` from which on `rejected` holds, by halving. */
function edge(inside: number, outside: number, rejected: (theta: number) => boolean): number {
  let [near, far] = [inside, outside];
  for (let step = 0; step < 60; step++) {
    const middle = (near + far) / 2;
    if (rejected(middle)) far = middle;
    else near = middle;
  }
  return near;
}
