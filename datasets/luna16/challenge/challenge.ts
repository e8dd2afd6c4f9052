import type { Xyz } from '../../volume';

/** A finding as the tables of the challenge tell it; no diameter where only a point is known. */
export interface ChallengeFinding {
  xyz: Xyz;
  diameterMm: number | null;
}

/** One scan of the challenge: what is there, and what a detector marked. */
export interface ChallengeScan {
  seriesUid: string;
  nodules: ChallengeFinding[];
  /** Count neither way. */
  excluded: ChallengeFinding[];
  /** `[n, 3]` in one array, world millimetres, in the order of the file. */
  places: Float64Array;
  /** `[n]`, any finite numbers; higher is more suspicious. */
  probabilities: Float64Array;
}

/** The scans of `seriesuids.csv` in its order, and how many rows of the other files are of none of them. */
export interface Challenge {
  scans: ChallengeScan[];
  ofOtherSeries: { nodules: number; excluded: number; marks: number };
}

/** Columns of the challenge's tables. */
export const PLACE_COLUMNS = ['seriesuid', 'coordX', 'coordY', 'coordZ'] as const;
