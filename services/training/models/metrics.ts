/** What one epoch showed on one part of the split. A figure that the data cannot give (no positive, say) is null. */
export interface EpochMetrics {
  loss: number;
  accuracy: number;
  /** Area under the ROC curve. */
  auc: number | null;
  /** Part of the positives that score above 0.5. */
  sensitivity: number | null;
  /** Part of the negatives that do not. */
  specificity: number | null;
}

/** What the batches of an epoch have shown so far. Plain data, so that a checkpoint can carry it. */
export interface Tally {
  /** Sum of the samples' losses. */
  lossSum: number;
  /** Probability of the positive class, sample by sample. */
  scores: number[];
  labels: number[];
}

const THRESHOLD = 0.5;

export function emptyTally(): Tally {
  return { lossSum: 0, scores: [], labels: [] };
}

export function summarize({ lossSum, scores, labels }: Tally): EpochMetrics {
  let truePositives = 0;
  let trueNegatives = 0;
  let positives = 0;
  scores.forEach((score, i) => {
    const isPositive = labels[i] === 1;
    if (isPositive) positives++;
    if (isPositive && score > THRESHOLD) truePositives++;
    if (!isPositive && score <= THRESHOLD) trueNegatives++;
  });
  const negatives = scores.length - positives;
  return {
    loss: lossSum / scores.length,
    accuracy: (truePositives + trueNegatives) / scores.length,
    auc: areaUnderRoc(scores, labels),
    sensitivity: positives > 0 ? truePositives / positives : null,
    specificity: negatives > 0 ? trueNegatives / negatives : null,
  };
}

/**
 * The chance that a random positive scores above a random negative, a tie counting half
 * (Mann–Whitney U through mid-ranks; Hanley and McNeil 1982). Null without both classes.
 */
export function areaUnderRoc(scores: readonly number[], labels: readonly number[]): number | null {
  const order = scores.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let rankSum = 0;
  let positives = 0;
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    const midRank = (start + 1 + end) / 2;
    for (const index of order.slice(start, end)) {
      if (labels[index] !== 1) continue;
      rankSum += midRank;
      positives++;
    }
    start = end;
  }
  const negatives = scores.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
