import { defineErrors } from 'coded-error';

export const registryError = defineErrors({
  REGISTRY_SCHEMA_NEWER: {
    message: 'The registry in {file} has schema {found}, this Lungate knows up to {known}',
    hint: 'Use the newer Lungate that wrote it, or another root.',
  },
  REGISTRY_NOT_FOUND: { message: '{what} "{name}" does not exist', hint: 'Check the spelling.', status: 404 },
  REGISTRY_ALREADY_EXISTS: {
    message: '{what} "{name}" exists already',
    hint: 'Use it, or choose another name.',
    status: 400,
  },
  REGISTRY_INVALID: { message: '{problem}', hint: 'Correct the request.', status: 400 },
  REGISTRY_PARAM_CHANGED: {
    message: 'Param {key} of run {runId} is "{old}" and cannot become "{new}"',
    hint: 'A param is written once. Log changing figures as metrics, notes as tags.',
    status: 400,
  },
  REGISTRY_RUN_DELETED: {
    message: 'Run {runId} is deleted',
    hint: 'Restore it first, or log to another run.',
    status: 400,
  },
  REGISTRY_FILTER: {
    message: 'The filter or order cannot be read at "{near}": {problem}',
    hint: "Write as in: metrics.auc > 0.9 and params.lr = '0.001'.",
    status: 400,
  },
  REGISTRY_ARTIFACT_PATH: {
    message: 'The artifact path {path} is refused: {problem}',
    hint: 'Use a relative path with single slashes that stays inside its run.',
    status: 400,
  },
  REGISTRY_BLOB_MISSING: {
    message: 'The stored content {digest} is gone',
    hint: 'Run `lungate registry verify` to learn which versions need it, and restore the blobs folder from a backup.',
  },
  REGISTRY_BLOB_DAMAGED: {
    message: 'The stored content {digest} is damaged: it now digests to {found}',
    hint: 'Run `lungate registry verify` to learn which versions need it, and restore the blobs folder from a backup.',
  },
  REGISTRY_BODY_TOO_LARGE: {
    message: 'The upload is larger than {limit} bytes',
    hint: 'Split the file, or start the server with a higher limit.',
    status: 413,
  },
  REGISTRY_NAME_MISMATCH: {
    message: 'The bundle was trained as {found}, not as {name}',
    hint: 'Register it under its own name, or set the name in the model config and train again.',
    status: 422,
  },
  REGISTRY_GATE_FAILED: {
    message: 'The gate did not pass this bundle: {reasons}',
    hint: 'Only a bundle that passes its suite becomes a version. Improve the model, then validate again.',
    status: 422,
  },
  REGISTRY_EVIDENCE_OF_OTHER_BUNDLE: {
    message: 'The evidence is for bundle {evidence}, the bundle given is {bundle}',
    hint: 'Validate this bundle, or give the bundle that was validated.',
    status: 422,
  },
  REGISTRY_EVIDENCE_CONTRADICTS: {
    message: 'The evidence contradicts itself: {problems}',
    hint: 'Validate the bundle again; `lungate gate check` shows what the figures give.',
    status: 422,
  },
  REGISTRY_OTHER_CHAMPION: {
    message: '{champion} serves now, and the evidence compares with {compared}',
    hint: 'Validate again with this registry as the root and without --champion, so that the champion is found.',
    status: 409,
  },
  REGISTRY_CHAMPION_NOT_COMPARED: {
    message: '{champion} serves now, and the evidence never compared with it: {rules}',
    hint: 'Validate again with this registry as the root, so that the champion is found.',
    status: 409,
  },
  REGISTRY_BUMP_TOO_LOW: {
    message: 'A {bump} bump was asked for, but {reason}, which needs {needed}',
    hint: 'Leave the bump out, or ask for a higher one.',
    status: 422,
  },
  REGISTRY_SPEC: {
    message: '"{spec}" names no version',
    hint: 'Write name@1.0.0, name@^1 or name@champion.',
    status: 400,
  },
  REGISTRY_VERSION_UNKNOWN: {
    message: '{name} has no version {version} (it has: {known})',
    hint: 'Choose one of those, or register one.',
    status: 404,
  },
  REGISTRY_ALIAS_NAME: {
    message: '"{alias}" cannot be an alias',
    hint: 'Use letters, digits, dashes and underscores, and nothing that reads as a version ("latest", "v3", "1").',
    status: 400,
  },
  REGISTRY_ALIAS_NEEDS_EVIDENCE: {
    message: '{alias} of {name} may not point at {version}, which never passed the gate',
    hint: 'Validate and register the model, then promote that version.',
    status: 422,
  },
  REGISTRY_NOTHING_BEFORE: {
    message: 'The alias {alias} of {name} pointed at nothing before',
    hint: 'Set it to a version instead.',
    status: 422,
  },
  REGISTRY_WITHOUT_BUNDLE: {
    message: '{name} {version} was logged through MLflow and has no bundle',
    hint: 'Validate and register the model to get one.',
    status: 422,
  },
  REGISTRY_INTERNAL: {
    message: 'The registry failed on this request',
    hint: "Look at the server's log for the cause. Nothing was half-written.",
  },
  REGISTRY_NEEDS_TOKEN: {
    message: 'The registry will not listen on {host} without a token',
    hint: 'Listen on 127.0.0.1, or set a token.',
    status: 400,
  },
  REGISTRY_UNAUTHENTICATED: {
    message: 'This registry wants a token',
    hint: 'Set MLFLOW_TRACKING_TOKEN to the token that the server was started with.',
    status: 401,
  },
  REGISTRY_HOST_REFUSED: {
    message: 'Requests to host or from origin {host} are refused',
    hint: 'Use the address that the server printed at its start.',
    status: 403,
  },
});
