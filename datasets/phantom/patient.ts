import type { Random } from 'seeded-random';
import { between } from './draws';
import type { Site } from './sites';

export const EMPHYSEMA_GRADES = ['none', 'mild', 'moderate', 'severe'] as const;
export const FIBROSIS_GRADES = ['none', 'reticulation', 'honeycombing'] as const;

/** A patient as the tables know them, and what of them the lungs show. */
export interface Patient {
  sex: 'F' | 'M';
  age: number;
  /** Lengths of the body over those of the average phantom. */
  size: number;
  emphysema: (typeof EMPHYSEMA_GRADES)[number];
  fibrosis: (typeof FIBROSIS_GRADES)[number];
}

/** Of those with emphysema or fibrosis, the share in each of their grades, mildest first. */
const EMPHYSEMA_SHARES = [0.6, 0.28, 0.12] as const;
const FIBROSIS_SHARES = [0.7, 0.3] as const;

export function drawPatient(random: Random, site: Site): Patient {
  const sex = random.uniform() < 0.45 ? 'F' : 'M';
  const age = Math.round(Math.min(88, Math.max(35, site.meanAge + 9 * random.normal())));
  // Both diseases come with age.
  const older = Math.exp((age - site.meanAge) / 25);
  return {
    sex,
    age,
    size: Math.min(1.1, Math.max(0.9, (sex === 'F' ? 0.97 : 1.02) + 0.035 * random.normal())),
    emphysema: graded(random, site.emphysema * older, EMPHYSEMA_GRADES, EMPHYSEMA_SHARES),
    fibrosis: graded(random, site.fibrosis * older, FIBROSIS_GRADES, FIBROSIS_SHARES),
  };
}

/** `none`, or with this prevalence one of the grades after it. */
function graded<T extends string>(
  random: Random,
  prevalence: number,
  [none, ...grades]: readonly [T, ...T[]],
  shares: readonly number[],
): T {
  const isSick = random.uniform() < prevalence;
  let left = random.uniform();
  const grade = grades.find((_, i) => (left -= shares[i]!) < 0) ?? grades.at(-1)!;
  return isSick ? grade : none;
}

/** Low-attenuation share of the upper lobes that a grade of emphysema is drawn with. */
export function emphysemaShare(random: Random, grade: Patient['emphysema']): number {
  const [low, high] = { none: [0, 0], mild: [0.04, 0.1], moderate: [0.1, 0.25], severe: [0.25, 0.45] }[grade] as [
    number,
    number,
  ];
  return between(random, low, high);
}
