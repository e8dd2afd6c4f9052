import type { Irc, Volume, Xyz } from '../volume';

/** A place in a scan that may be a nodule. */
export interface Candidate {
  /** First 12 hexadecimal digits of the series digest, and the candidate's number within the series. */
  id: string;
  seriesUid: string;
  /** World millimetres, LPS. */
  xyz: Xyz;
  /** Place in the manifest's `labels`; 1 is the class that is looked for, in LUNA16 a nodule. */
  label: 0 | 1;
  /** Millimetres, of the annotation that the candidate lies in; null for a non-nodule, and where no annotation is near. */
  diameterMm: number | null;
}

export interface SeriesEntry {
  seriesUid: string;
  patientId: string;
  /** Digest of voxels and geometry; the only name of a series that may leave this module. */
  digest: string;
  /** Relative to the folder of the dataset. */
  file: string;
  size: Irc;
  spacingXyz: Xyz;
}

export interface DatasetManifest {
  name: string;
  /** Names of the classes 0 and 1. */
  labels: readonly [negative: string, positive: string];
  /** The dataset's version: over every series digest, its patient, and the candidates. */
  digest: string;
  synthetic: boolean;
  /** In the order of their UIDs. */
  series: SeriesEntry[];
  candidates: Candidate[];
}

/** A dataset on disk. */
export interface Dataset {
  dir: string;
  manifest: DatasetManifest;
  /** What the csv files tell of and the disk lacks: LUNA16's subsets are downloaded apart. */
  absent: { series: number; candidates: number };
  /** Reads one scan. Nothing is kept: the caller decides how long it stays in memory. */
  volume: (seriesUid: string) => Promise<Volume>;
}
