export { findDicomSeries, scanDicom } from './dicom';
export type { DicomDataset, DicomFile, DicomNote, DicomSeries, FindDicomOptions, PassedOver } from './dicom';
export { parseMetaImage, readMetaImage, writeMetaImage } from './metaimage';
