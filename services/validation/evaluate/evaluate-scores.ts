import type { Figures } from '../figure';
import {
  measureCalibration,
  measureDecision,
  measureDiscrimination,
  measureMulticlass,
  type MulticlassSection,
  type ScoredCases,
} from '../measures';
import type { CalibrationSection, DecisionSection, DiscriminationSection } from '../report/sections';
import { makeCases, makeClassCases, type BootstrapOptions } from '../statistics';
import { readScores, type ScoreColumns, type ScoreTable } from './read-scores';

export interface EvaluationOptions {
  columns?: ScoreColumns;
  /** A case is called positive when its score is at least this. */
  threshold: number;
  /** Of the point that `sensitivityAtSpecificity` reads, and the end of the range of the partial AUC. */
  specificity: number;
  /** Of the reliability curves. */
  bins: number;
  bootstrap: BootstrapOptions;
  /** Measures done, of how many. */
  onProgress?: (done: number, total: number) => void;
}

/** What a file of labels and scores says, by the same definitions as a validation. */
export interface Evaluation {
  format: 'lungate-evaluation/1';
  cases: number;
  /** Names and counts of the classes. */
  classes: { label: string; n: number }[];
  /** Null where the file has no column of patients: then each case was taken as independent. */
  patients: number | null;
  /** Whether ids were there to find a case that stands twice. */
  idsChecked: boolean;
  /** Null where there are several classes. */
  threshold: number | null;
  bootstrap: BootstrapOptions;
  figures: Figures;
  discrimination: DiscriminationSection | null;
  calibration: CalibrationSection | null;
  decision: DecisionSection | null;
  multiclass: MulticlassSection | null;
}

/**
 * Measures the labels and scores of a file, from any tool.
 *
 * @throws those of readScores, VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES, VALIDATION_CLASSES_NOT_ONE,
 * VALIDATION_TOO_FEW_PATIENTS, VALIDATION_BOOTSTRAP_UNDEFINED
 */
export async function evaluateScores(file: string, options: EvaluationOptions): Promise<Evaluation> {
  const table = await readScores(file, options.columns);
  const common = {
    format: 'lungate-evaluation/1' as const,
    cases: table.labels.length,
    patients: table.patientOf && new Set(table.patientOf).size,
    idsChecked: table.hasIds,
    bootstrap: options.bootstrap,
    discrimination: null,
    calibration: null,
    decision: null,
    multiclass: null,
  };
  return table.classes === null
    ? { ...common, ...evaluateTwoClasses(table, options) }
    : { ...common, ...evaluateClasses(table, table.classes, options) };
}

function evaluateTwoClasses(table: ScoreTable, options: EvaluationOptions) {
  const { threshold, specificity, bins, bootstrap, onProgress } = options;
  const cases = makeCases(table.labels, table.scores!);
  const scored: ScoredCases = {
    cases,
    ...clustersOf(table),
    threshold,
    thresholdOrigin: `the threshold ${threshold}`,
    specificity,
    calibrationBins: bins,
    decision: { from: 0.01, to: 0.5, at: 0.1 },
    temperature: null,
    bootstrap,
  };
  const discrimination = measureDiscrimination(scored);
  onProgress?.(1, 3);
  const calibration = measureCalibration(scored);
  onProgress?.(2, 3);
  const decision = measureDecision(scored);
  onProgress?.(3, 3);
  return {
    classes: [
      { label: '0', n: cases.negatives },
      { label: '1', n: cases.positives },
    ],
    threshold,
    figures: { ...discrimination.figures, ...calibration.figures, ...decision.figures },
    discrimination: discrimination.section,
    calibration: calibration.section,
    decision: decision.section,
  };
}

function evaluateClasses(table: ScoreTable, labels: string[], { bootstrap }: EvaluationOptions) {
  const cases = makeClassCases(table.labels, table.probabilities!, labels.length);
  const { figures, section } = measureMulticlass({ cases, labels, ...clustersOf(table), bootstrap });
  const classes = labels.map((label, k) => ({ label, n: table.labels.filter((own) => own === k).length }));
  return { classes, threshold: null, figures, multiclass: section };
}

/** Without a column of patients each case is drawn by itself. */
function clustersOf({ labels, patientOf }: ScoreTable): Pick<ScoredCases, 'clusterOf' | 'names'> {
  return {
    clusterOf: patientOf ?? labels.map((_, i) => i),
    names: {
      cases: 'cases',
      clusters: patientOf ? 'patients' : 'cases',
      positives: 'positive cases',
      negatives: 'negative cases',
    },
  };
}
