import type { Random } from 'seeded-random';
import type { Nodule } from './nodules';

/**
 * What the readers of LIDC look at: 1 (highly unlikely to be cancer) to 5 (highly suspicious).
 *
 * Size, and how readers differ, are fitted to LUNA16's 1,182 rated nodules (mean and spread of the ratings and share of
 * malignant labels in six classes of size, share of each rating). Spiculation, texture, place and emphysema weigh among
 * each other as the log odds of McWilliams et al., New England Journal of Medicine 369:910, 2013 (Brock).
 * A calcified nodule is benign.
 */
const SIZE = { intercept: 0.24, slope: 1.36, curve: 0.66 } as const;
const ODDS = {
  spiculated: 0.773,
  'part-solid': 0.377,
  'ground-glass': -0.128,
  solid: 0,
  upper: 0.658,
  emphysema: 0.295,
};
/** The odds of the average nodule, and points of the rating for one unit of log odds. */
const AVERAGE_ODDS = 0.4;
const POINTS = 0.36;
const CALCIFIED = -2.3;

export interface Surroundings {
  upperLobe: boolean;
  emphysema: boolean;
}

/** How suspicious a nodule looks, on the readers' scale but not cut to it. */
export function drawSuspicion(random: Random, nodule: Nodule, { upperLobe, emphysema }: Surroundings): number {
  const odds =
    ODDS[nodule.kind] +
    (nodule.spicules.length > 0 ? ODDS.spiculated : 0) +
    (upperLobe ? ODDS.upper : 0) +
    (emphysema ? ODDS.emphysema : 0);
  const size = Math.log(nodule.diameter);
  return (
    SIZE.intercept +
    SIZE.slope * size +
    SIZE.curve * (size - 2) ** 2 +
    POINTS * (odds - AVERAGE_ODDS) +
    (nodule.calcified ? CALCIFIED : 0) +
    0.11 * random.normal()
  );
}

/** Ratings of three or four readers, who differ more about what looks suspicious. */
export function drawRatings(random: Random, suspicion: number): number[] {
  const readers = random.uniform() < 0.65 ? 4 : 3;
  const spread = 0.44 + 0.36 * Math.max(0, suspicion - 2);
  return Array.from({ length: readers }, () =>
    Math.min(5, Math.max(1, Math.round(suspicion + spread * random.normal()))),
  );
}

/** The label of LUNA16's table: at least two readers gave 4 or more. */
export const isMalignant = (ratings: readonly number[]): boolean => ratings.filter((rating) => rating >= 4).length >= 2;
