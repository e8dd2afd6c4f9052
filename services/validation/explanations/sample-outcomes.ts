import { seededRandom } from 'seeded-random';

/** One case as the operating point calls it. */
export interface CalledCase {
  id: string;
  isPositive: boolean;
  isCorrect: boolean;
}

/**
 * Indices of a seeded sample of right and wrong cases, both classes among each: half of them wrong where there are so
 * many. Right ones first. Which are drawn does not depend on the order of the cases.
 */
export function sampleOutcomes(cases: readonly CalledCase[], count: number, seed: number): number[] {
  const random = seededRandom(`explained cases ${seed}`);
  const indices = cases.map((_, index) => index).sort((a, b) => (cases[a]!.id < cases[b]!.id ? -1 : 1));
  const drawn = (isCorrect: boolean) => {
    const group = (isPositive: boolean) =>
      random.shuffle(indices.filter((i) => cases[i]!.isCorrect === isCorrect && cases[i]!.isPositive === isPositive));
    return alternate(group(true), group(false));
  };
  const [right, wrong] = [drawn(true), drawn(false)];
  const wrongCount = Math.min(wrong.length, Math.max(Math.floor(count / 2), count - right.length));
  return [...right.slice(0, count - wrongCount), ...wrong.slice(0, wrongCount)];
}

function alternate(one: readonly number[], other: readonly number[]): number[] {
  const length = Math.max(one.length, other.length);
  return Array.from({ length }, (_, i) => [one[i], other[i]])
    .flat()
    .filter((index) => index !== undefined);
}
