import { defineErrors } from 'coded-error';

export const bundleError = defineErrors({
  BUNDLE_NOT_FOUND: {
    message: 'There is no model bundle in {dir}: {file} is missing',
    hint: 'Give the folder that training wrote, the one that holds manifest.json.',
    status: 404,
  },
  BUNDLE_FILE_MISSING: {
    message: 'The bundle in {dir} has no file {file}',
    hint: 'Copy the bundle again as a whole, or train again.',
    status: 422,
  },
  BUNDLE_FILE_UNKNOWN: {
    message: 'The bundle in {dir} holds {file}, which its manifest does not name',
    hint: 'Remove the file. A bundle is never added to after it was written.',
    status: 422,
  },
  BUNDLE_DIGEST_MISMATCH: {
    message: '{file} in {dir} is {found}, but {expected} was written',
    hint: 'The file was changed or damaged. Copy the bundle again, or train again.',
    status: 422,
  },
  BUNDLE_MALFORMED: {
    message: '{file} of the bundle cannot be read: {problem}',
    hint: 'Write bundles with writeBundle, which checks what it is given.',
    status: 422,
  },
  BUNDLE_FILE_NAME: {
    message: '"{file}" cannot be the name of a file in a bundle or in evidence',
    hint: 'Use letters, digits, dots, dashes and underscores, starting with a letter or digit, and no name that Lungate writes itself.',
    status: 422,
  },
  EVIDENCE_NOT_FOUND: {
    message: 'There is no evidence in {dir}: evidence.json is missing',
    hint: 'Validate the bundle first.',
    status: 404,
  },
  EVIDENCE_MALFORMED: {
    message: 'evidence.json in {dir} cannot be read: {problem}',
    hint: 'Validate the bundle again.',
    status: 422,
  },
  EVIDENCE_FILE_MISSING: {
    message: 'The evidence in {dir} has no file {file}',
    hint: 'Copy the evidence again as a whole, or validate again.',
    status: 422,
  },
  EVIDENCE_FILE_UNKNOWN: {
    message: 'The evidence in {dir} holds {file}, which it does not name',
    hint: 'Remove the file. Evidence is never added to after it was signed.',
    status: 422,
  },
  EVIDENCE_DIGEST_MISMATCH: {
    message: '{file} in {dir} is {found}, but {expected} was signed',
    hint: 'The evidence was changed or damaged. Validate the bundle again.',
    status: 422,
  },
  EVIDENCE_SIGNATURE_INVALID: {
    message: "The evidence in {dir} was not signed with this gate's key, or was changed afterwards",
    hint: 'Validate the bundle again with the gate that the registry trusts.',
    status: 422,
  },
  EVIDENCE_PERFORMANCE_INVALID: {
    message: 'performance.json of the evidence in {dir} cannot be trusted: {problem}',
    hint: 'Validate the bundle again, or remove the file: the evidence holds without it.',
    status: 422,
  },
  GATE_KEY_INVALID: {
    message: '{path} is not the public key of a gate',
    hint: 'Give gate.pub.pem of the gate to trust: an Ed25519 public key in PEM.',
    status: 422,
  },
  GATE_KEY_MISSING: {
    message: 'There is no public key of a gate in {dir}',
    hint: 'Validate once with this key folder, which makes the pair, or copy gate.pub.pem of the gate to trust there.',
    status: 422,
  },
});
