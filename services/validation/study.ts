import type { Bundle } from 'model-bundle';
import type { Candidate, Dataset } from '../../datasets';
import type { BundleCheck } from './report/sections';
import type { Cases } from './statistics';
import type { HoldoutUse, Suite } from './suite';

/** The threshold that was fixed beforehand, and on what. */
export interface OperatingPoint {
  /** A candidate is called positive when its score is at least this; 2 where nothing is ever called. */
  threshold: number;
  /** The specificity asked for on the validation split. */
  targetSpecificity: number;
  /** Cases of the validation split that fixed it. */
  positives: number;
  negatives: number;
}

/** What every measure looks at: a suite, a model, and the holdout with the model's scores. */
export interface Study {
  suite: Suite;
  bundle: Bundle;
  /** What was found in the bundle before it was run. */
  bundleChecks: BundleCheck[];
  /** Where this model stands among those that were judged on this holdout; null where nobody counts. */
  holdoutUse: HoldoutUse | null;
  dataset: Dataset;
  /** The holdout, `[n]`. */
  candidates: readonly Candidate[];
  /** Their labels and scores, in the same order. */
  cases: Cases;
  /** `[n]`, patient of each candidate as an integer from 0, in the order of the suite's sorted patients. */
  patientOf: readonly number[];
  operatingPoint: OperatingPoint;
}

/** A picture for the report that a measure made: PNG bytes, and how many millimetres its width spans. */
export interface Picture {
  png: Buffer;
  widthMm: number;
}

/** Pictures by name: `explanation/<id of the candidate>` for each case of the section `explanations`. */
export type Pictures = ReadonlyMap<string, Picture>;
