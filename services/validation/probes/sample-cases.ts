import { seededRandom } from 'seeded-random';
import type { Candidate } from '../../../datasets';

/**
 * Indices of a seeded sample, half of it positive, in rising order: all of a class that has fewer than half. Which
 * candidates are drawn does not depend on their order.
 */
export function sampleCases(candidates: readonly Candidate[], cases: number, seed: number): number[] {
  const random = seededRandom(`probe cases ${seed}`);
  const indices = candidates.map((_, index) => index).sort((a, b) => (candidates[a]!.id < candidates[b]!.id ? -1 : 1));
  const ofClass = (label: 0 | 1) => random.shuffle(indices.filter((index) => candidates[index]!.label === label));
  const [positives, negatives] = [ofClass(1), ofClass(0)];
  const half = Math.ceil(cases / 2);
  return [...positives.slice(0, half), ...negatives.slice(0, cases - half)].sort((a, b) => a - b);
}
