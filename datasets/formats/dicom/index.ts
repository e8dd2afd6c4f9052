export { findDicomSeries, scanDicom } from './find-series';
export type { DicomScan } from './find-series';
export { parseDicomHeader } from './header';
export type { DicomHeader } from './header';
export type { DicomDataset, DicomFile, DicomNote, DicomSeries, FindDicomOptions, PassedOver } from './types';
