import type { Study } from '../study';

/**
 * Every case of the holdout with its score: id, patient as a number, digest of the series,
 * world millimetres, label, diameter (empty for a non-nodule), probability (nine digits, exact for FP32).
 */
export function scoresCsv({ candidates, cases, patientOf, dataset }: Study): string {
  const digests = new Map(dataset.manifest.series.map(({ seriesUid, digest }) => [seriesUid, digest]));
  const rows = candidates.map(({ id, seriesUid, xyz, label, diameterMm }, i) =>
    [id, patientOf[i]!, digests.get(seriesUid)!, ...xyz, label, diameterMm ?? '', cases.scores[i]!.toPrecision(9)].join(
      ',',
    ),
  );
  return `${['candidate,patient,series,x_mm,y_mm,z_mm,label,diameter_mm,probability', ...rows].join('\n')}\n`;
}
