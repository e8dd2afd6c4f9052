import { defineErrors } from 'coded-error';

export const dicomwebError = defineErrors({
  DICOMWEB_BAD_URL: {
    message: '{url} is not the address of a DICOMweb service',
    hint: 'Give the address that studies lie under, such as https://pacs.example.org/dicom-web.',
  },
  DICOMWEB_PLAIN_HTTP: {
    message: '{host} would send patients’ scans over the network unencrypted',
    hint: 'Use https. On a network that you trust, --allow-http lets it pass.',
  },
  DICOMWEB_UNREACHABLE: {
    message: 'the DICOMweb server {host} did not answer after {tries} tries: {why}',
    hint: 'Check the address and the network, then run the same command again: what has arrived is kept.',
  },
  DICOMWEB_REFUSED: {
    message: 'the DICOMweb server {host} answered {status} to {what}',
    hint: '{way}',
  },
  DICOMWEB_BAD_ANSWER: {
    message: 'the DICOMweb server {host} answered {what} with something else: {why}',
    hint: 'Check that the address is that of its DICOMweb service (QIDO-RS and WADO-RS).',
  },
});
