import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, buildManifest, readSeriesAttributes } from '../manifest';
import { readMetaImage } from '../formats/metaimage';
import { luna16Error } from './errors';
import { type Luna16Task, readLabels } from './labels';
import { readPatients } from './patients';
import { scanSeries } from './series-files';

/** A folder that holds this file was made by the phantom generator. */
const PHANTOM_MARKER = 'PHANTOM.json';

export interface OpenLuna16Options {
  /** Find nodules among candidates (the default), or tell malignant from benign among the nodules that readers rated. */
  task?: Luna16Task;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Opens a folder in LUNA16's layout: `subsetN/<seriesuid>.mhd` with its `.raw` or `.zraw`, `candidates_V2.csv`,
 * `annotations.csv` and, optionally, `patients.csv` (seriesuid, patient_id), `series.csv` (seriesuid and how each scan was
 * made), `annotations_with_malignancy.csv` and `annotations_excluded.csv` (findings that count neither way).
 *
 * The first opening reads every scan once to digest it; later ones only what changed since.
 * Candidates of series that are not on disk are counted in `absent` and are not part of the dataset.
 *
 * @throws CodedError of the LUNA16_…, CSV_… and METAIMAGE_… families: which file, line and column.
 *
 * ```ts
 * const dataset = await openLuna16('data/luna16');
 * const scan = await dataset.volume(dataset.manifest.series[0].seriesUid);
 * ```
 */
export async function openLuna16(
  dir: string,
  { task = 'nodule', onProgress }: OpenLuna16Options = {},
): Promise<Dataset> {
  const scanned = await scanSeries(dir, onProgress);
  const patients = await readPatients(dir, scanned);
  const { names, candidates, annotations, detection, absent } = await readLabels(dir, scanned, task);
  const attributes = await readSeriesAttributes(dir);
  const synthetic = existsSync(join(dir, PHANTOM_MARKER));
  const manifest = buildManifest({
    name: synthetic ? 'phantom' : 'luna16',
    labels: names,
    synthetic,
    series: scanned.map(({ seriesUid, file, digest, fingerprint, geometry: { size, spacingXyz } }) => {
      const told = attributes.get(seriesUid);
      const patientId = patients.get(seriesUid)!;
      return {
        seriesUid,
        file,
        digest,
        ...(fingerprint !== null && { fingerprint }),
        size,
        spacingXyz,
        patientId,
        ...(told && { attributes: told }),
      };
    }),
    candidates,
    annotations,
    ...(detection && { detection }),
  });
  const files = new Map(scanned.map(({ seriesUid, file }) => [seriesUid, file]));

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
