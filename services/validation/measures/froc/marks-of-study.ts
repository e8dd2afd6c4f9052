import { annotationsOf, excludedFindingsOf } from '../../../../datasets';
import { makeFrocMarks, type FrocMarks, type MarkedScan } from '../../statistics';
import type { Study } from '../../study';

/** A study as a search for nodules. */
export interface DetectionStudy {
  /** All scans of the holdout, those without a candidate too, in the manifest's order. */
  scans: MarkedScan[];
  marks: FrocMarks;
  /** `[scans]`, patient of each as an integer from 0, numbered as in `Study.patientOf`: for a bootstrap over patients. */
  patientOfScan: number[];
}

/**
 * The candidates of the holdout with these scores (those of the study, or of another model in their order) as marks in its
 * scans. All that readers marked in the scans has to be found. Null where there is nothing to find: the classes are kinds
 * of findings, or no annotation lies in these scans.
 */
export function marksOfStudy(
  { dataset: { manifest }, suite, candidates, cases }: Pick<Study, 'dataset' | 'suite' | 'candidates' | 'cases'>,
  scores: ArrayLike<number> = cases.scores,
): DetectionStudy | null {
  const { patients } = suite.holdout;
  const annotations = annotationsOf(manifest, patients);
  if (!manifest.detection || annotations.length === 0) return null;
  const numberOf = new Map([...patients].sort().map((patient, number) => [patient, number]));
  const series = manifest.series.filter(({ patientId }) => numberOf.has(patientId));

  const scored = candidates.map(({ seriesUid, xyz }, i) => ({ seriesUid, xyz, probability: scores[i]! }));
  const marksOf = bySeries(scored);
  const nodulesOf = bySeries(annotations);
  const excludedOf = bySeries(excludedFindingsOf(manifest, patients));
  const scans = series.map(({ seriesUid }): MarkedScan => {
    const marks = marksOf.get(seriesUid) ?? [];
    return {
      places: Float64Array.from(marks.flatMap(({ xyz }) => xyz)),
      probabilities: Float64Array.from(marks, ({ probability }) => probability),
      nodules: nodulesOf.get(seriesUid) ?? [],
      excluded: excludedOf.get(seriesUid) ?? [],
    };
  });
  return {
    scans,
    marks: makeFrocMarks(scans),
    patientOfScan: series.map(({ patientId }) => numberOf.get(patientId)!),
  };
}

function bySeries<Row extends { seriesUid: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.seriesUid);
    if (group) group.push(row);
    else groups.set(row.seriesUid, [row]);
  }
  return groups;
}
