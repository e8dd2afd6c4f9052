import { validationError } from '../errors';
import { countAbove, makeCases, type Cases, type Weights } from './cases';
import { aucOf } from './roc';

/** Cases of k classes with a probability for each class, checked. */
export interface ClassCases {
  classes: number;
  /** `[n]`, from 0. */
  labels: Uint8Array;
  /** `[n · k]`, the probabilities of a case one after the other. */
  probabilities: Float64Array;
  /** `[n]`, the class with the highest probability; of equal ones the first. */
  called: Uint8Array;
}

/** How far the probabilities of a case may be from adding up to 1, for they are often written with three digits. */
const ROUNDING = 0.01;

/**
 * @param probabilities `[n][k]`
 * @throws VALIDATION_LENGTHS_DIFFER, VALIDATION_CLASS_UNKNOWN, VALIDATION_SCORE_NOT_FINITE,
 * VALIDATION_SCORE_NOT_PROBABILITY, VALIDATION_CLASSES_NOT_ONE
 */
export function makeClassCases(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  classes: number,
): ClassCases {
  const n = labels.length;
  if (n !== probabilities.length) {
    throw validationError('VALIDATION_LENGTHS_DIFFER', { labels: n, scores: probabilities.length });
  }
  const flat = new Float64Array(n * classes);
  const called = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw validationError('VALIDATION_CLASS_UNKNOWN', { index: i, label, classes });
    }
    const row = Array.from(probabilities[i]!);
    assertDistribution(row, classes, i);
    flat.set(row, i * classes);
    called[i] = row.indexOf(Math.max(...row));
  }
  return { classes, labels: Uint8Array.from(labels), probabilities: flat, called };
}

function assertDistribution(row: readonly number[], classes: number, index: number): void {
  for (const score of row) {
    if (!Number.isFinite(score)) throw validationError('VALIDATION_SCORE_NOT_FINITE', { index, score });
    if (score < 0 || score > 1) throw validationError('VALIDATION_SCORE_NOT_PROBABILITY', { index, score });
  }
  const sum = row.reduce((a, b) => a + b, 0);
  if (row.length !== classes || Math.abs(sum - 1) > ROUNDING) {
    throw validationError('VALIDATION_CLASSES_NOT_ONE', { index, sum: Number(sum.toPrecision(4)), classes });
  }
}

/** `[true class][called class]`, by weight. */
export function classConfusion({ classes, labels, called }: ClassCases, weights?: Weights): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]![called[i]!]! += weights?.[i] ?? 1;
  return counts;
}

/** Class k against the rest by its probability, `[k]`; to be made once and counted for each resample. */
export function oneVersusRest(cases: ClassCases): Cases[] {
  const { classes, labels } = cases;
  return Array.from({ length: classes }, (_, k) =>
    makeCases(
      labels.map((label) => Number(label === k)),
      probabilityOf(cases, k),
    ),
  );
}

/** AUC of each class against the rest, `[k]`; NaN where a class is lacking. */
export function oneVersusRestAucs(against: readonly Cases[], weights: Weights): number[] {
  return against.map((cases) => aucOf(countAbove(cases, weights)));
}

/** The cases of two classes, ranked by the probability of the first, which is the positive one. */
export interface ClassPair {
  members: Uint32Array;
  cases: Cases;
}

/** Every ordered pair of classes; to be made once and counted for each resample. */
export function classPairs(cases: ClassCases): ClassPair[] {
  const { classes, labels } = cases;
  const ids = Array.from({ length: classes }, (_, k) => k);
  return ids.flatMap((first) =>
    ids
      .filter((second) => second !== first)
      .map((second) => pairOf(first, second, probabilityOf(cases, first), labels)),
  );
}

function pairOf(first: number, second: number, scores: Float64Array, labels: Uint8Array): ClassPair {
  const members = Uint32Array.from([...labels.keys()].filter((i) => labels[i] === first || labels[i] === second));
  return {
    members,
    cases: makeCases(
      Array.from(members, (i) => Number(labels[i] === first)),
      Array.from(members, (i) => scores[i]!),
    ),
  };
}

/**
 * Hand and Till's M: the mean AUC over all ordered pairs of classes, of telling the two apart by the probability of
 * the first. One half is chance; the prevalence of the classes does not matter. NaN where a class is lacking.
 *
 * Source: Hand and Till, Machine Learning 45 (2001), equation 7.
 */
export function handTillAuc(pairs: readonly ClassPair[], weights: Weights): number {
  const sum = pairs.reduce((total, { members, cases }) => {
    const own = new Uint32Array(members.length);
    for (let m = 0; m < members.length; m++) own[m] = weights[members[m]!]!;
    return total + aucOf(countAbove(cases, own));
  }, 0);
  return sum / pairs.length;
}

/**
 * Brier score of all classes: the mean over cases of the summed squared differences, from 0 to 2.
 *
 * Source: G. W. Brier, Monthly Weather Review 78 (1950), in its first form.
 */
export function classBrierScore({ classes, labels, probabilities }: ClassCases, weights: Weights): number {
  let total = 0;
  let error = 0;
  for (let i = 0; i < labels.length; i++) {
    let own = 0;
    for (let k = 0; k < classes; k++) own += (probabilities[i * classes + k]! - Number(labels[i] === k)) ** 2;
    total += weights[i]!;
    error += weights[i]! * own;
  }
  return error / total;
}

/**
 * Log loss: the mean of −ln of the probability of the true class, which is held at 2⁻⁵² or above, as scikit-learn does.
 *
 * Source: I. J. Good, J. R. Statist. Soc. B 14 (1952).
 */
export function logLoss({ classes, labels, probabilities }: ClassCases, weights: Weights): number {
  let total = 0;
  let loss = 0;
  for (let i = 0; i < labels.length; i++) {
    const p = Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, probabilities[i * classes + labels[i]!]!));
    total += weights[i]!;
    loss -= weights[i]! * Math.log(p);
  }
  return loss / total;
}

/**
 * Cohen's kappa with quadratic weights, for classes in order: the agreement of label and call beyond chance, where a
 * miss by two classes counts four times as much as by one. NaN where all labels and calls are of one class.
 *
 * Source: Cohen, Psychological Bulletin 70 (1968).
 */
export function quadraticKappa(confusion: readonly (readonly number[])[]): number {
  const rows = confusion.map((row) => row.reduce((a, b) => a + b, 0));
  const columns = confusion.map((_, j) => confusion.reduce((sum, row) => sum + row[j]!, 0));
  const total = rows.reduce((a, b) => a + b, 0);
  let observed = 0;
  let expected = 0;
  confusion.forEach((row, i) => {
    row.forEach((count, j) => {
      observed += (i - j) ** 2 * count;
      expected += ((i - j) ** 2 * rows[i]! * columns[j]!) / total;
    });
  });
  return 1 - observed / expected;
}

function probabilityOf({ classes, labels, probabilities }: ClassCases, k: number): Float64Array {
  return Float64Array.from(labels, (_, i) => probabilities[i * classes + k]!);
}
