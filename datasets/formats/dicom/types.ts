import type { CodedError } from 'coded-error';
import type { DataSet } from 'dicom-parser';
import type { Geometry, Volume } from '../../volume';

/** Tags as dicom-parser holds them: `header.string('x00100020')`. Sequences are `elements[tag].items[i].dataSet`. */
export type DicomDataset = DataSet;

/** A file of a series. */
export interface DicomFile {
  /** Path within the folder or archive that was searched. */
  name: string;
  /** Bytes of the file, unpacked. */
  size: number;
  sopInstanceUid: string;
  /** The whole file. */
  read: () => Promise<Uint8Array<ArrayBuffer>>;
}

/** Something a user should know about a series that can be read. */
export interface DicomNote {
  code:
    | 'DAMAGED_FILES_LEFT_OUT'
    | 'DUPLICATES_DROPPED'
    | 'LOCALIZERS_LEFT_OUT'
    | 'NOT_HOUNSFIELD'
    | 'ONE_SLICE'
    | 'PART_OF_SERIES'
    | 'TILT_CORRECTED';
  message: string;
}

/** Slices that stack to one volume. */
export interface DicomSeries {
  /** SeriesInstanceUID. Several series of the result share it where one series holds several stacks: see `part`. */
  seriesUid: string;
  studyUid: string;
  /** Empty where the file has none. */
  patientId: string;
  /** `CT`, `MR`, `PT` … */
  modality: string;
  /** Which stack of its SeriesInstanceUID this is, from 1, and what tells it from the others; null: it is the only one. */
  part: { number: number; of: number; by: string } | null;
  /** Size and place, known before any voxel is read; null where `problems` leave it open. */
  geometry: Geometry | null;
  /** What the values of `volume()` are: `HU`, or what the file's RescaleType says (`US`: unspecified). */
  unit: string;
  /** Tags of the first slice as read from its file, up to the pixels. */
  header: DicomDataset;
  /** In the order of the slices. */
  files: DicomFile[];
  notes: DicomNote[];
  /** Why there is no volume; `volume()` throws the first of them. */
  problems: CodedError[];
  /**
   * Reads the voxels: StoredValue × RescaleSlope + RescaleIntercept, each slice by its own tags. Pixel padding keeps the
   * value it has in the file, as in SimpleITK and pydicom.
   */
  volume: () => Promise<Volume>;
}

/** Files that are no slice of a scan, by the reason. */
export interface PassedOver {
  /** Such as `not DICOM`, `localizer`, `secondary capture`, `RTSTRUCT: no image`. */
  reason: string;
  /** Their names. */
  files: string[];
}

export interface FindDicomOptions {
  /** Files looked at so far. */
  onProgress?: (done: number, total: number) => void;
  /** Largest volume to read; 2²⁹ voxels (1 GiB of int16) unless told. */
  maxVoxels?: number;
}
