import { defineErrors } from 'coded-error';

export const deidentifyError = defineErrors({
  DEID_KEY_TOO_SHORT: {
    message: 'the de-identification key of {where} has {found} bytes, at least {least} are needed',
    hint: 'Make one with `openssl rand -hex 32`, or let lungate make one: leave LUNGATE_DEID_KEY unset.',
  },
  DEID_KEY_READABLE: {
    message: 'the de-identification key {file} can be read by others (mode {mode})',
    hint: 'Whoever has the key can tell whose scan a pseudonym is. Run `chmod 600 {file}`.',
  },
  DEID_UNREADABLE: {
    message: '{file} cannot be rewritten without its patient: {why}',
    hint: 'Its tags could not be read as DICOM. Export the file again.',
  },
});
