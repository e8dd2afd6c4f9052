import { isCodedError } from 'coded-error';
import type { Figures } from '../figure';
import { measureCalibration, measureDecision, measureDiscrimination, scoredCasesOf } from '../measures';
import { scoreHistogram, type Report } from '../report';
import { makeCases, type Cases } from '../statistics';
import type { PublishedSuite } from '../suite';

/** What labels, scores and patients give without model and scans. */
export type Recomputed = Pick<Report, 'discrimination' | 'calibration' | 'decision' | 'holdout' | 'histogram'> & {
  figures: Figures;
};

/**
 * Measures scores.csv again. The threshold of the operating point is the report's, because it was fixed on cases that are
 * not in the evidence. A text says why it cannot be done.
 */
export function recompute(report: Report, suite: PublishedSuite, scoresCsv: string): Recomputed | string {
  const { negativeLabel, positiveLabel } = report.model;
  try {
    const { cases, patientOf, series } = readScores(scoresCsv);
    const scored = {
      ...scoredCasesOf({
        cases,
        patientOf,
        suite,
        operatingPoint: report.operatingPoint,
        bundle: { signature: { labels: [negativeLabel, positiveLabel], positiveLabel }, lineage: {} },
      }),
      temperature: report.calibration.temperature,
    };
    const [discrimination, calibration, decision] = [
      measureDiscrimination(scored),
      measureCalibration(scored),
      measureDecision(scored),
    ];
    return {
      holdout: {
        ...report.holdout,
        series,
        candidates: cases.labels.length,
        positives: cases.positives,
        negatives: cases.negatives,
      },
      figures: { ...discrimination.figures, ...calibration.figures, ...decision.figures },
      discrimination: discrimination.section,
      calibration: calibration.section,
      decision: decision.section,
      histogram: { positives: scoreHistogram(cases, 1), negatives: scoreHistogram(cases, 0) },
    };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return `scores.csv cannot be measured: ${error.message}`;
  }
}

/** scores.csv as this software writes it; nine digits give a score of 32 bits back to the bit. */
function readScores(text: string): { cases: Cases; patientOf: number[]; series: number } {
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const columns = header.split(',');
  const rows = lines.map((line) => line.split(','));
  const cells = (name: string) => rows.map((row) => row[columns.indexOf(name)] ?? '');
  const numbers = (name: string) => cells(name).map((cell) => (cell === '' ? NaN : Number(cell)));
  return {
    cases: makeCases(numbers('label'), numbers('probability').map(Math.fround)),
    patientOf: numbers('patient'),
    series: new Set(cells('series')).size,
  };
}
