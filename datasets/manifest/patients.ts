import { digestJson, sha256 } from 'durable-files';
import type { PatientRef } from 'model-bundle';
import type { Candidate, DatasetManifest, SeriesEntry } from './manifest';

/** The only form in which a patient leaves this module: SHA-256 of the patient id. */
export function patientKey(patientId: string): string {
  return sha256(patientId);
}

/** These patients without their names: keys and series digests, both in order. */
export function patientRefs(manifest: DatasetManifest, patientIds: readonly string[]): PatientRef[] {
  const digests = new Map<string, string[]>();
  for (const { patientId, digest } of seriesOf(manifest, patientIds)) {
    digests.set(patientId, [...(digests.get(patientId) ?? []), digest]);
  }
  return [...digests]
    .map(([id, series]) => ({ patient: patientKey(id), series: series.sort() }))
    .sort((a, b) => compareText(a.patient, b.patient));
}

/** The candidates of these patients, in the manifest's order. */
export function candidatesOf(manifest: DatasetManifest, patientIds: readonly string[]): Candidate[] {
  const uids = new Set(seriesOf(manifest, patientIds).map(({ seriesUid }) => seriesUid));
  return manifest.candidates.filter(({ seriesUid }) => uids.has(seriesUid));
}

/**
 * Digest over the scans and candidates of these patients: what a validation suite pins. It stays the same when
 * other patients join the dataset, and changes with any voxel, label or place.
 */
export function holdoutDigest(manifest: DatasetManifest, patientIds: readonly string[]): string {
  return digestJson({
    patients: patientRefs(manifest, patientIds),
    candidates: digestCandidates(candidatesOf(manifest, patientIds)),
  });
}

/** Digest of candidates in any order. Ids begin with the series digest, so they stand for their series. */
export function digestCandidates(candidates: readonly Candidate[]): string {
  const lines = candidates.map(
    ({ id, xyz, label, diameterMm }) => `${id} ${xyz.join(' ')} ${label} ${diameterMm ?? '-'}`,
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
