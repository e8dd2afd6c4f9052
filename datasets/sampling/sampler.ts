/** Which samples an epoch shows, and how often. */
export type SamplerConfig = PlainSampler | BalancedSampler | HardNegativesSampler | CurriculumSampler;

/** Every sample once. */
export interface PlainSampler {
  name: 'plain';
}

/** Both classes in turn, equally often: the rarer one repeats. */
export interface BalancedSampler {
  name: 'balanced';
}

/** As balanced, but a share of the negatives is drawn by how wrong the model last was about them. */
export interface HardNegativesSampler {
  name: 'hard-negatives';
  /** Part of the negatives that is drawn so, 0 to 1; the rest goes round as in balanced. */
  share: number;
  /** Table with the columns candidate and probability, as a report's `scores.csv`: what is known before the first epoch. */
  scores: string | null;
}

/** As balanced, but of each class only the easiest part at first, which grows until all are shown. */
export interface CurriculumSampler {
  name: 'curriculum';
  /** Positives from the largest to the smallest, and all negatives at once; or all from the best scored to the worst. */
  by: 'diameter' | 'score';
  /** Part of each class in the first epoch, above 0 to 1. */
  start: number;
  /** Epochs until all are shown. */
  epochs: number;
  /** As for hard negatives; of use only by score. */
  scores: string | null;
}

/** Whether the order depends on what the model made of the samples in earlier epochs. */
export function learnsFromScores(sampler: SamplerConfig): boolean {
  return sampler.name === 'hard-negatives' || (sampler.name === 'curriculum' && sampler.by === 'score');
}
