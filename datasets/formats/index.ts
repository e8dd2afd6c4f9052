export { findDicomSeries, scanDicom } from './dicom';
export type { DicomDataset, DicomFile, DicomNote, DicomSeries, FindDicomOptions, PassedOver } from './dicom';
export { type OpenMetaImage, openMetaImage, parseMetaImage, readMetaImage, writeMetaImage } from './metaimage';
export { niftiHeader, readNifti, writeNifti } from './nifti';
export { readNrrd, writeNrrd } from './nrrd';
export { type ReadVolumeOptions, readVolume } from './read-volume';
export { writeVolume } from './write-volume';
