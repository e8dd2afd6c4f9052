import { validationError } from '../../errors';
import { judgeMarks, type JudgedScan, type MarkedScan } from './judge-marks';

/** Judged marks of all scans, ranked once; every statistic of FROC reads them. */
export interface FrocMarks {
  readonly scans: number;
  readonly nodules: number;
  /** `[scans]`, nodules of each, hit or not: the denominator of the sensitivity. */
  readonly nodulesOf: Uint32Array;
  /** `[scans]`, false positives of each. */
  readonly falsePositivesOf: Uint32Array;
  /** `[hits + false positives]`, by falling probability. */
  readonly probabilities: Float64Array;
  /** `[hits + false positives]`, in that order: `scan << 2 | hit << 1 | last of those with this probability`. */
  readonly steps: Uint32Array;
  readonly counts: MarkCounts;
}

/** What became of the marks of all scans. */
export interface MarkCounts {
  scored: number;
  /** Nodules that a mark lies in. */
  hits: number;
  falsePositives: number;
  /** In an excluded finding and in no nodule. */
  inExcluded: number;
  /** In a nodule beside the best one there. */
  doubles: number;
  /** Beyond the hundred best of their scan. */
  dropped: number;
}

/** How often each scan counts, `[scans]`: all ones, or one resample of a bootstrap. */
export type ScanWeights = Uint32Array;

/** Each scan once. */
export function unitScanWeights({ scans }: Pick<FrocMarks, 'scans'>): ScanWeights {
  return new Uint32Array(scans).fill(1);
}

/** @throws VALIDATION_SCORE_NOT_FINITE, VALIDATION_NO_NODULES */
export function makeFrocMarks(scans: readonly MarkedScan[]): FrocMarks {
  return rankJudged(
    scans,
    scans.map((scan) => {
      const index = scan.probabilities.findIndex((probability) => !Number.isFinite(probability));
      if (index >= 0)
        throw validationError('VALIDATION_SCORE_NOT_FINITE', { index, score: scan.probabilities[index]! });
      return judgeMarks(scan);
    }),
  );
}

/** @throws VALIDATION_NO_NODULES */
export function rankJudged(scans: readonly MarkedScan[], judged: readonly JudgedScan[]): FrocMarks {
  const nodulesOf = Uint32Array.from(scans, ({ nodules }) => nodules.length);
  const falsePositivesOf = Uint32Array.from(judged, ({ falsePositives }) => falsePositives.length);
  const hitsOf = judged.map(({ hits }) => hits.filter((hit) => hit !== null));
  const counts = {
    scored: sum(scans.map(({ probabilities }) => probabilities.length)),
    hits: sum(hitsOf.map(({ length }) => length)),
    falsePositives: sum(falsePositivesOf),
    inExcluded: sum(judged.map(({ inExcluded }) => inExcluded)),
    doubles: sum(judged.map(({ doubles }) => doubles)),
    dropped: sum(judged.map(({ dropped }) => dropped)),
  };
  const nodules = sum(nodulesOf);
  if (nodules === 0) throw validationError('VALIDATION_NO_NODULES', { scans: scans.length });

  const probabilities: number[] = [];
  const codes: number[] = [];
  judged.forEach(({ falsePositives }, scan) => {
    for (const hit of hitsOf[scan]!) {
      probabilities.push(hit);
      codes.push((scan << 2) | 2);
    }
    for (const mark of falsePositives) {
      probabilities.push(scans[scan]!.probabilities[mark]!);
      codes.push(scan << 2);
    }
  });
  return { scans: scans.length, nodules, nodulesOf, falsePositivesOf, counts, ...rank(probabilities, codes) };
}

function rank(unranked: readonly number[], codes: readonly number[]): Pick<FrocMarks, 'probabilities' | 'steps'> {
  const order = new Uint32Array(codes.length).map((_, i) => i);
  order.sort((a, b) => unranked[b]! - unranked[a]! || a - b);
  const probabilities = Float64Array.from(order, (i) => unranked[i]!);
  const steps = order.map((at, i) => codes[at]! | (probabilities[i] === probabilities[i + 1] ? 0 : 1));
  return { probabilities, steps };
}

function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, value) => total + value, 0);
}
