/** What a model takes and gives, as its caller sees it. Changing any of this is a MAJOR version. */
export interface Signature {
  /** Registered name of the model, as in `nodule-classifier`. */
  name: string;
  task: 'classification';
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  /** Class names in the order of the output columns. */
  labels: string[];
  positiveLabel: string;
  preprocessing: PreprocessingContract;
}

/** A tensor in the words of the Open Inference Protocol; -1 is a free dimension. */
export interface TensorSpec {
  name: string;
  datatype: 'FP32';
  shape: number[];
}

/** How a caller makes the input from a CT volume. The graph itself clips and scales. */
export interface PreprocessingContract {
  /** Voxels of the patch: slices, rows, columns. */
  patchSize: [number, number, number];
  unit: 'HU';
  /** Values outside are clipped, by the crop and by the graph alike. */
  clip: [number, number];
  /** Value beyond the edge of the scan. */
  padding: number;
  /** Isotropic spacing to resample to before the crop, in mm; null keeps the scan's own. */
  resampleMm: number | null;
}

/** A patient without a name: SHA-256 of the patient id, and the content digests of the patient's series. */
export interface PatientRef {
  patient: string;
  series: string[];
  /** Of the same series, by their values alone, which survive being saved again; absent in older bundles. */
  fingerprints?: string[];
}

/** Where a model came from. No times and no paths: the same lineage on the same machine gives the same digest. */
export interface Lineage {
  git: { commit: string; dirty: boolean } | null;
  dataset: { name: string; digest: string };
  split: { digest: string; train: PatientRef[]; validation: PatientRef[] };
  /** Digest of the resolved training config (data, model, trainer, augmentation, seed). */
  configDigest: string;
  /** That the network's logits are divided by, fitted on the validation split; absent where they are not. */
  calibration?: { method: 'temperature'; temperature: number; cases: number };
  image: string | null;
  seed: number;
  engine: { name: string; version: string; precision: 'float32' };
}
