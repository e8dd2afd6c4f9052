import { defineErrors } from 'coded-error';

export const annotationsError = defineErrors({
  ANNOTATIONS_NOT_FOUND: {
    message: 'there is no file or folder {path} with annotations',
    hint: 'Give a folder of LIDC-IDRI XML files, one such file, or a CSV file with seriesuid, coordX, coordY, coordZ, diameter_mm.',
  },
  ANNOTATIONS_NONE: {
    message: '{path} holds no annotations: neither LIDC-IDRI XML (LidcReadMessage) nor CSV',
    hint: 'Give the folder `tcia-lidc-xml` of the LIDC-IDRI download, or a CSV file.',
  },
  ANNOTATIONS_BAD_ROW: {
    message: '{file}, line {line}, column {column}: a number or a UID is missing or wrong',
    hint: 'The columns are seriesuid, coordX, coordY, coordZ (mm) and diameter_mm (above 0), with the original series UIDs.',
  },
  ANNOTATIONS_BAD_XML: {
    message: '{file} cannot be read as an LIDC reading: {why}',
    hint: 'Download the file again, or take it out of the folder.',
  },
});
