import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { digestJson } from 'durable-files';
import {
  type Candidate,
  type Dataset,
  type DatasetManifest,
  type SeriesEntry,
  digestCandidates,
  patientKey,
} from '../manifest';
import { readMetaImage } from '../formats/metaimage';
import { luna16Error } from './errors';
import { readLabels, readPatients } from './labels';
import { scanSeries } from './series-files';

/** A folder that holds this file was made by the phantom generator. */
const PHANTOM_MARKER = 'PHANTOM.json';

/**
 * Opens a folder in LUNA16's layout: `subsetN/<seriesuid>.mhd` with its `.raw` or `.zraw`, `candidates_V2.csv`,
 * `annotations.csv` and, optionally, `patients.csv` (seriesuid, patient_id).
 *
 * The first opening reads every scan once to digest it; later ones only what changed since.
 * Candidates of series that are not on disk are counted in `absent` and are not part of the dataset.
 *
 * @throws CodedError of the LUNA16_… and METAIMAGE_… families: which file, line and column.
 *
 * ```ts
 * const dataset = await openLuna16('data/luna16');
 * const scan = await dataset.volume(dataset.manifest.series[0].seriesUid);
 * ```
 */
export async function openLuna16(
  dir: string,
  { onProgress }: { onProgress?: (done: number, total: number) => void } = {},
): Promise<Dataset> {
  const scanned = await scanSeries(dir, onProgress);
  const patients = await readPatients(dir, scanned);
  const { candidates, absent } = await readLabels(dir, scanned);
  const series = scanned.map((entry) => ({ ...entry, patientId: patients.get(entry.seriesUid)! }));
  const manifest = toManifest(series, candidates, existsSync(join(dir, PHANTOM_MARKER)));
  const files = new Map(series.map(({ seriesUid, file }) => [seriesUid, file]));

  return {
    dir,
    manifest,
    absent,
    volume: async (seriesUid) => {
      const file = files.get(seriesUid);
      if (file === undefined) throw luna16Error('LUNA16_UNKNOWN_SERIES', { seriesUid });
      return readMetaImage(join(dir, file));
    },
  };
}

function toManifest(series: SeriesEntry[], candidates: Candidate[], synthetic: boolean): DatasetManifest {
  const identity = series.map(({ digest, patientId }) => `${digest} ${patientKey(patientId)}`).sort();
  return {
    name: synthetic ? 'phantom' : 'luna16',
    labels: ['non-nodule', 'nodule'],
    digest: digestJson({ synthetic, series: identity, candidates: digestCandidates(candidates) }),
    synthetic,
    series,
    candidates,
  };
}
