import type { Finding, Severity } from './finding';
import type { ScanInspection } from './inspect-scan';

/** One scan as the report shows it. */
export interface CheckedScan {
  seriesUid: string;
  file: string;
  subset: string;
  candidates: number;
  nodules: number;
  annotations: number;
  /** Side of the split, where one was given and names its patient. */
  part: string | null;
  /** Null where the scan could not be read. */
  inspection: ScanInspection | null;
}

export interface SubsetCounts {
  subset: string;
  scans: number;
  patients: number;
  candidates: number;
  nodules: number;
  annotations: number;
}

/** Everything that a check tells. */
export interface CheckReport {
  dir: string;
  counts: Record<Severity, number>;
  findings: Finding[];
  subsets: SubsetCounts[];
  scans: CheckedScan[];
}
