import { defineErrors } from 'coded-error';

export const downloadError = defineErrors({
  DOWNLOAD_UNKNOWN_DATASET: {
    message: 'there is no dataset {dataset} to download',
    hint: 'luna16 can be downloaded.',
  },
  DOWNLOAD_BAD_SUBSETS: {
    message: '`{text}` does not name subsets of LUNA16',
    hint: 'Give numbers and ranges from 0 to 9, such as 0-9, 3 or 0-2,7.',
  },
  DOWNLOAD_REFUSED: {
    message: '{url} answered {status}',
    hint: 'Look at the address in a browser; where it has moved, give another with --mirror, or a folder that holds the files.',
  },
  DOWNLOAD_FAILED: {
    message: '{url} could not be fetched: {why}, {tries} times in a row',
    hint: 'Start the same command again: it goes on at byte {bytes}.',
  },
  DOWNLOAD_CHECKSUM: {
    message: '{name} was fetched twice and both times its MD5 was not {expected} but {found}',
    hint: 'A proxy or the mirror changes it, or it was replaced: try again later, or elsewhere with --mirror.',
  },
  DOWNLOAD_BAD_RECORD: {
    message: '{url} does not list {name} with its size and MD5: {why}',
    hint: 'Give a folder or a server that holds the files with --mirror.',
  },
  DOWNLOAD_NOT_IN_MIRROR: {
    message: 'the mirror {mirror} does not hold {name}',
    hint: 'Put it there, or leave --mirror out.',
  },
  DOWNLOAD_NO_SPACE: {
    message: '{needed} are needed in {dir} and {free} are free',
    hint: 'Free some, name another folder with --to, or fetch fewer subsets at a time.',
  },
  DOWNLOAD_BAD_ARCHIVE: {
    message: '{file} cannot be unpacked: {why}',
    hint: 'Remove it and start again; it is then fetched anew.',
  },
  DOWNLOAD_RUNNING: {
    message: 'another download into {dir} is running',
    hint: 'Wait until it has ended. After a crash this takes 10 seconds.',
  },
  DOWNLOAD_INTERRUPTED: {
    message: 'the download was interrupted',
    hint: 'Start the same command again: it goes on where it was.',
  },
});
