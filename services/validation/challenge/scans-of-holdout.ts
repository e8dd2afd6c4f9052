import {
  annotationsOf,
  excludedFindingsOf,
  type Candidate,
  type ChallengeScan,
  type DatasetManifest,
} from '../../../datasets';

export interface HoldoutScan extends ChallengeScan {
  patientId: string;
}

/**
 * All scans of these patients, those without a candidate too, in the manifest's order: what readers marked in them, and the
 * candidates as a detector's marks. Null where there is nothing to detect: the classes are kinds of findings, or no
 * annotation lies in these scans.
 */
export function scansOfHoldout(
  manifest: DatasetManifest,
  patients: readonly string[],
  candidates: readonly (Pick<Candidate, 'seriesUid' | 'xyz'> & { probability: number })[],
): HoldoutScan[] | null {
  const annotations = annotationsOf(manifest, patients);
  if (!manifest.detection || annotations.length === 0) return null;
  const held = new Set(patients);
  const marksOf = bySeries(candidates);
  const nodulesOf = bySeries(annotations);
  const excludedOf = bySeries(excludedFindingsOf(manifest, patients));
  return manifest.series
    .filter(({ patientId }) => held.has(patientId))
    .map(({ seriesUid, patientId }) => {
      const marks = marksOf.get(seriesUid) ?? [];
      return {
        seriesUid,
        patientId,
        nodules: nodulesOf.get(seriesUid) ?? [],
        excluded: excludedOf.get(seriesUid) ?? [],
        places: Float64Array.from(marks.flatMap(({ xyz }) => xyz)),
        probabilities: Float64Array.from(marks, ({ probability }) => probability),
      };
    });
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
