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
  /** Of that annotation; absent where it is not told. */
  texture?: Texture;
}

/** How much of a nodule is denser than ground glass. */
export type Texture = 'solid' | 'part-solid' | 'ground-glass';

/** A finding as the readers of a scan marked it, whether or not a candidate is near. */
export interface Annotation {
  seriesUid: string;
  /** World millimetres, LPS. */
  xyz: Xyz;
  diameterMm: number;
  /** Mean of the readers' ratings, from 1 (highly unlikely) to 5 (highly suspicious); null where there are none. */
  malignancy: number | null;
  /** Absent where it is not told. */
  texture?: Texture;
}

/** A place that counts neither way when nodules are looked for: few readers marked it, or it is too small, or no nodule. */
export interface ExcludedFinding {
  seriesUid: string;
  /** World millimetres, LPS. */
  xyz: Xyz;
  /** Null where only a point was marked. */
  diameterMm: number | null;
}

export interface SeriesEntry {
  seriesUid: string;
  patientId: string;
  /** Digest of voxels and geometry; the only name of a series that may leave this module. */
  digest: string;
  /** Of its values alone: a copy under another name has the same; absent for a scan too plain to have one. */
  fingerprint?: string;
  /** Relative to the folder of the dataset. */
  file: string;
  size: Irc;
  spacingXyz: Xyz;
  /** How the scan was made and where: `series.csv` by column, without empty cells; absent where nothing is told. */
  attributes?: SeriesAttributes;
}

/** By column of `series.csv`: `manufacturer`, `kernel`, `slice_thickness_mm`, `site`. */
export type SeriesAttributes = Readonly<Record<string, string>>;

export interface DatasetManifest {
  name: string;
  /** Names of the classes 0 and 1. */
  labels: readonly [negative: string, positive: string];
  /** The dataset's version: over every series digest, its patient, the candidates, annotations and class names. */
  digest: string;
  synthetic: boolean;
  /** In the order of their UIDs. */
  series: SeriesEntry[];
  candidates: Candidate[];
  /** All that the readers marked in these series: also what no candidate lies in, and a detector has missed. */
  annotations: Annotation[];
  /**
   * Present where the annotations are all that there is to find of class 1, as in LUNA16, so that a detector can be judged
   * by them; absent where the classes are kinds of findings, or where nobody told what was missed.
   */
  detection?: { excluded: ExcludedFinding[] };
}

/** A dataset on disk. */
export interface Dataset {
  dir: string;
  manifest: DatasetManifest;
  /** What the tables tell of and the disk lacks: LUNA16's subsets are downloaded apart. */
  absent: { series: number; candidates: number };
  /** Reads one scan. Nothing is kept: the caller decides how long it stays in memory. */
  volume: (seriesUid: string) => Promise<Volume>;
}
