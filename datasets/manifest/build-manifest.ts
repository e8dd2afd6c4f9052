import { digestJson } from 'durable-files';
import type { DatasetManifest } from './manifest';
import { attributesOf, compareText, digestAnnotations, digestCandidates, excludedOf, patientKey } from './patients';

/** A manifest with its digest, which neither names nor the order of anything change. */
export function buildManifest(content: Omit<DatasetManifest, 'digest'>): DatasetManifest {
  const { synthetic, labels, series, candidates, annotations, detection } = content;
  const digest = digestJson({
    synthetic,
    labels,
    series: series.map(({ digest, patientId }) => `${digest} ${patientKey(patientId)}`).sort(compareText),
    candidates: digestCandidates(candidates),
    annotations: digestAnnotations(annotations, series),
    ...attributesOf(series),
    ...excludedOf(detection?.excluded ?? [], series),
  });
  return { ...content, digest };
}
