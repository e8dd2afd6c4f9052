export type Severity = 'error' | 'warning' | 'note';

/**
 * Everything that a check can find. An error makes training or its figures wrong; a warning is to be looked at; a note
 * is worth knowing.
 */
export const findingCodes = {
  NO_SCANS: ['error', 'The folder holds no scan'],
  SCAN_UNREADABLE: ['error', 'A scan cannot be read: its header, the length of its data, or its compression'],
  DUPLICATE_UID: ['error', 'Two files are called by the same series UID'],
  DUPLICATE_SCAN: ['error', 'Two files hold the same voxels, so one may be trained on and the other tested on'],
  HU_SHIFTED: ['error', 'Values become Hounsfield units by adding or subtracting 1024 or 1000'],
  HU_NEGATED: ['error', 'Values become Hounsfield units by turning their sign'],
  HU_NOT_HOUNSFIELD: ['error', 'Values are those of a picture (0 to 1, or 0 to 255)'],
  VOXELS_NOT_FINITE: ['error', 'Voxels are NaN or infinite'],
  SCAN_CONSTANT: ['error', 'Every voxel has the same value'],
  DIRECTION_NOT_ORTHONORMAL: ['error', 'The directions of the axes are not of length 1, or not at right angles'],
  CANDIDATE_OUTSIDE_SCAN: ['error', 'A candidate lies outside its scan'],
  ANNOTATION_OUTSIDE_SCAN: ['error', 'An annotation lies outside its scan'],
  CANDIDATE_CONTRADICTED: ['error', 'One place is listed as a nodule and as a non-nodule'],
  TABLE_MISSING: ['error', 'A CSV file is missing'],
  TABLE_UNREADABLE: ['error', 'A file is not CSV, or lacks a column'],
  BAD_ROW: ['error', 'A cell of a CSV file is not what its column holds'],
  SERIES_WITHOUT_PATIENT: ['error', 'patients.csv does not name the patient of a scan'],
  TWO_PATIENTS: ['error', 'patients.csv gives two patients to one scan'],
  SPLIT_UNREADABLE: ['error', 'The split cannot be used with this dataset'],
  SPLIT_LEAK: ['error', 'A patient or a scan stands on two sides of the split'],
  SPLIT_INCOMPLETE: ['warning', 'The split does not name every patient'],
  HU_IMPLAUSIBLE: ['warning', 'The histogram has no air and lung, or no soft tissue: perhaps not a chest CT in HU'],
  HU_RANGE: ['warning', 'Values are beyond what any CT scanner writes'],
  SLICES_CONSTANT: ['warning', 'Slices with one value only: padding, or data that was lost'],
  SPACING_UNUSUAL: ['warning', 'The spacing is not one of chest CT'],
  EXTENT_UNUSUAL: ['warning', 'The scan is much smaller or larger than a chest'],
  LEFT_HANDED: ['warning', 'The axes are left-handed: left and right may be exchanged'],
  NODULE_WITHOUT_ANNOTATION: ['warning', 'A candidate labelled as a nodule lies in no annotation'],
  NON_NODULE_IN_ANNOTATION: ['warning', 'A candidate labelled as a non-nodule lies in an annotated nodule'],
  DUPLICATE_CANDIDATE: ['warning', 'The same place is listed twice'],
  DUPLICATE_ANNOTATION: ['warning', 'The same nodule is annotated twice'],
  DIAMETER_UNUSUAL: ['warning', 'A nodule is annotated with a diameter below 2 mm or above 100 mm'],
  NO_NODULES: ['warning', 'There is no nodule to learn from'],
  STRAY_DATA: ['warning', 'A data file without a header'],
  LEFT_OVER: ['note', 'A file that an interrupted program left'],
  DIRECTION_OBLIQUE: ['note', 'The axes are turned against the world, or flipped'],
  ANNOTATION_WITHOUT_CANDIDATE: ['note', 'No candidate was found for an annotated nodule'],
  SERIES_WITHOUT_CANDIDATES: ['note', 'A scan has no candidate: it takes no part in training'],
  ROWS_FOR_ABSENT_SERIES: ['note', 'Rows of scans that are not in the folder'],
  PATIENT_IN_TWO_SUBSETS: ['note', 'Scans of one patient stand in two subsets: folds by subset would leak'],
  NO_PATIENTS_TABLE: ['note', 'Without patients.csv each scan counts as its own patient'],
  SYNTHETIC: ['note', 'The dataset is a phantom, drawn by a program'],
} as const satisfies Record<string, readonly [Severity, string]>;

export type FindingCode = keyof typeof findingCodes;

/** One thing found. The files are relative to the dataset's folder; patients are never named, their scans are. */
export interface Finding {
  code: FindingCode;
  severity: Severity;
  /** What exactly, with its figures. */
  message: string;
  file: string;
  line?: number;
  column?: string;
  /** The scan that it is about. */
  seriesUid?: string;
}

export type Place = Pick<Finding, 'file' | 'line' | 'column' | 'seriesUid'>;

export function finding(code: FindingCode, message: string, place: Place): Finding {
  return { code, severity: findingCodes[code][0], message, ...place };
}

const ORDER: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

/** Errors first; within them by code, file and line. */
export function sortFindings(findings: Finding[]): Finding[] {
  const codes = Object.keys(findingCodes);
  return findings.sort(
    (a, b) =>
      ORDER[a.severity] - ORDER[b.severity] ||
      codes.indexOf(a.code) - codes.indexOf(b.code) ||
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      (a.line ?? 0) - (b.line ?? 0),
  );
}
