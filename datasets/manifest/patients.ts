import { createHash } from 'node:crypto';
import { digestJson, sha256 } from 'durable-files';
import type { PatientRef } from 'model-bundle';
import type {
  Annotation,
  Candidate,
  DatasetManifest,
  ExcludedFinding,
  SeriesAttributes,
  SeriesEntry,
} from './manifest';

/** The only form in which a patient leaves this module: SHA-256 of the patient id. */
export function patientKey(patientId: string): string {
  return sha256(patientId);
}

/** These patients without their names: keys, series digests and fingerprints, each in order. */
export function patientRefs(manifest: DatasetManifest, patientIds: readonly string[]): PatientRef[] {
  const ofPatient = new Map<string, SeriesEntry[]>();
  for (const series of seriesOf(manifest, patientIds)) {
    ofPatient.set(series.patientId, [...(ofPatient.get(series.patientId) ?? []), series]);
  }
  return [...ofPatient]
    .map(([id, series]) => ({
      patient: patientKey(id),
      series: series.map(({ digest }) => digest).sort(),
      fingerprints: series.flatMap(({ fingerprint }) => fingerprint ?? []).sort(),
    }))
    .sort((a, b) => compareText(a.patient, b.patient));
}

/** The candidates of these patients, in the manifest's order. */
export function candidatesOf(manifest: DatasetManifest, patientIds: readonly string[]): Candidate[] {
  return inSeriesOf(manifest, patientIds, manifest.candidates);
}

/** The annotations of these patients, in the manifest's order. */
export function annotationsOf(manifest: DatasetManifest, patientIds: readonly string[]): Annotation[] {
  return inSeriesOf(manifest, patientIds, manifest.annotations);
}

/** The findings of these patients that count neither way, in the manifest's order. */
export function excludedFindingsOf(manifest: DatasetManifest, patientIds: readonly string[]): ExcludedFinding[] {
  return inSeriesOf(manifest, patientIds, manifest.detection?.excluded ?? []);
}

function inSeriesOf<T extends { seriesUid: string }>(
  manifest: DatasetManifest,
  patientIds: readonly string[],
  marks: readonly T[],
): T[] {
  const uids = new Set(seriesOf(manifest, patientIds).map(({ seriesUid }) => seriesUid));
  return marks.filter(({ seriesUid }) => uids.has(seriesUid));
}

/**
 * Digest over the scans, how they were made, candidates, annotations and excluded findings of these patients: what a
 * validation suite pins. It stays the same when other patients join the dataset, and changes with any voxel, label, place
 * or attribute.
 */
export function holdoutDigest(manifest: DatasetManifest, patientIds: readonly string[]): string {
  return digestJson({
    patients: patientRefs(manifest, patientIds).map(({ patient, series }) => ({ patient, series })),
    candidates: digestCandidates(candidatesOf(manifest, patientIds)),
    annotations: digestAnnotations(annotationsOf(manifest, patientIds), manifest.series),
    ...attributesOf(seriesOf(manifest, patientIds)),
    ...excludedOf(excludedFindingsOf(manifest, patientIds), manifest.series),
  });
}

/** For a digest, in any order: nothing at all where nothing is excluded. */
export function excludedOf(
  excluded: readonly ExcludedFinding[],
  series: readonly SeriesEntry[],
): { excluded?: string } {
  if (excluded.length === 0) return {};
  const digests = new Map(series.map(({ seriesUid, digest }) => [seriesUid, digest]));
  const lines = excluded.map(
    ({ seriesUid, xyz, diameterMm }) => `${digests.get(seriesUid) ?? ''} ${xyz.join(' ')} ${diameterMm ?? '-'}`,
  );
  return { excluded: sha256(lines.sort(compareText).join('\n')) };
}

/** What is told of how the scans were made, for a digest: nothing at all where nothing is told. */
export function attributesOf(series: readonly SeriesEntry[]): { attributes?: Record<string, SeriesAttributes> } {
  const told = series.flatMap(({ digest, attributes }) => (attributes ? [[digest, attributes] as const] : []));
  return told.length === 0 ? {} : { attributes: Object.fromEntries(told) };
}

/** Digest of candidates in any order. Ids begin with the series digest, so they stand for their series. */
export function digestCandidates(candidates: readonly Candidate[]): string {
  const sorted = candidates.toSorted((a, b) => compareText(a.id, b.id));
  // As numbers, not as text: LUNA16 has 755,000 of them, and each opening would take a second to write them out.
  const numbers = new Float64Array(sorted.length * 5);
  sorted.forEach(({ xyz, label, diameterMm }, i) => {
    numbers.set(xyz, i * 5);
    numbers[i * 5 + 3] = label;
    numbers[i * 5 + 4] = diameterMm ?? 0;
  });
  const hash = createHash('sha256').update(new Uint8Array(numbers.buffer));
  return `sha256:${hash.update(sorted.map(({ id, texture }) => (texture ? `${id} ${texture}` : id)).join('\n')).digest('hex')}`;
}

/** Digest of annotations in any order; the digest of a series stands for its name. */
export function digestAnnotations(annotations: readonly Annotation[], series: readonly SeriesEntry[]): string {
  const digests = new Map(series.map(({ seriesUid, digest }) => [seriesUid, digest]));
  const lines = annotations.map(
    ({ seriesUid, xyz, diameterMm, malignancy, texture }) =>
      `${digests.get(seriesUid) ?? ''} ${xyz.join(' ')} ${diameterMm} ${malignancy ?? '-'}${texture ? ` ${texture}` : ''}`,
  );
  return sha256(lines.sort(compareText).join('\n'));
}

function seriesOf(manifest: DatasetManifest, patientIds: readonly string[]): SeriesEntry[] {
  const wanted = new Set(patientIds);
  return manifest.series.filter(({ patientId }) => wanted.has(patientId));
}

/** By code units, so that an order never depends on the machine's language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
