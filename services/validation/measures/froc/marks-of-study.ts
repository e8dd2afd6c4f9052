import { scansOfHoldout, type HoldoutScan } from '../../challenge';
import { makeFrocMarks, type FrocMarks } from '../../statistics';
import type { Study } from '../../study';

/** A study as a search for nodules. */
export interface DetectionStudy {
  /** All scans of the holdout, those without a candidate too, in the manifest's order. */
  scans: HoldoutScan[];
  marks: FrocMarks;
  /** `[scans]`, patient of each as an integer from 0, numbered as in `Study.patientOf`: for a bootstrap over patients. */
  patientOfScan: number[];
}

/**
 * The candidates of the holdout with these scores (those of the study, or of another model in their order) as marks in its
 * scans. All that readers marked in the scans has to be found. Null where there is nothing to find.
 */
export function marksOfStudy(
  { dataset, suite, candidates, cases }: Pick<Study, 'dataset' | 'suite' | 'candidates' | 'cases'>,
  scores: ArrayLike<number> = cases.scores,
): DetectionStudy | null {
  const { patients } = suite.holdout;
  const marked = candidates.map(({ seriesUid, xyz }, i) => ({ seriesUid, xyz, probability: scores[i]! }));
  const scans = scansOfHoldout(dataset.manifest, patients, marked);
  if (!scans) return null;
  const numberOf = new Map([...patients].sort().map((patient, number) => [patient, number]));
  return {
    scans,
    marks: makeFrocMarks(scans),
    patientOfScan: scans.map(({ patientId }) => numberOf.get(patientId)!),
  };
}
