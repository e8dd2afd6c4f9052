import { defineErrors } from 'coded-error';

export const importError = defineErrors({
  IMPORT_NO_SOURCE: {
    message: 'nothing to import was named',
    hint: 'Name a folder, a zip archive or a file of DICOM slices, or a server with --dicomweb <url>.',
  },
  IMPORT_NOTHING_FOUND: {
    message: 'there is no CT series to import: {found}',
    hint: 'Name the folder or archive that holds the DICOM files of a CT, or other --study, --patient or --series.',
  },
  IMPORT_OTHER_KEY: {
    message: '{dir} was imported with another de-identification key ({was}, not {is})',
    hint: 'One patient would get two pseudonyms. Use the first key (--key-file or LUNGATE_DEID_KEY), or import to another folder.',
  },
  IMPORT_OTHER_OPTIONS: {
    message: '{dir} was imported {was} patient characteristics, this run is {is} them',
    hint: 'One dataset has one profile: give the same option as before, or import to another folder.',
  },
  IMPORT_IN_USE: {
    message: 'another import is writing to {dir}',
    hint: 'Wait until it is done. If it was killed, its lock is free after ten seconds.',
  },
  IMPORT_SOURCE_CHANGED: {
    message: 'series {seriesUid} stands in {file} already, imported from other files',
    hint: 'If the new files are the better ones, remove {file} and import again.',
  },
  IMPORT_JOURNAL_UNREADABLE: {
    message: '{file}, line {line} is not of an import',
    hint: 'Restore the file, or import into an empty folder.',
  },
  IMPORT_INTERRUPTED: {
    message: 'stopped after {done} of {total} series; what is imported stands',
    hint: 'Run the same command again to go on.',
  },
});
