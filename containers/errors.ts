import { defineErrors } from 'coded-error';

export const containersError = defineErrors({
  ENDPOINT_NAME: {
    message: '"{name}" cannot be the name of an endpoint',
    hint: 'Use letters, digits, dashes and underscores.',
    status: 400,
  },
  ENDPOINT_BUSY: {
    message: 'Another deploy or stop of {endpoint} is under way',
    hint: 'Wait until it has ended. One that was killed is taken over after 10 seconds.',
    status: 409,
  },
  ENDPOINT_STATE_DAMAGED: {
    message: 'The state of endpoint {endpoint} in {file} cannot be read: {problem}',
    hint: 'Restore the file, or remove it and stop the processes that serve this endpoint by hand.',
  },
  PORT_IN_USE: {
    message: 'Port {port} on {host} is in use by another program',
    hint: 'Choose another port: deploy.port=9000, or deploy.port=0 for a free one.',
    status: 409,
  },
  RUNTIME_START_FAILED: {
    message: 'The {runtime} runtime could not start {command}',
    hint: 'Check that the program is there and may be run.',
  },
  REVISION_DIED: {
    message: 'The new revision of {endpoint} ended before it was ready: {reason}',
    hint: 'Its log is in {dir}. What served before still serves.',
  },
  REVISION_NOT_READY: {
    message: 'The new revision of {endpoint} was not ready within {seconds} s',
    hint: 'Its log is in {dir}. What served before still serves.',
  },
  REVISION_WRONG_MODEL: {
    message: 'The new revision of {endpoint} serves {found} instead of {expected}',
    hint: 'Another process may have taken its address. Deploy again.',
  },
  GOLDEN_CASE_FAILED: {
    message: 'The new revision of {endpoint} answers golden case {case} with {found} instead of {expected}',
    hint: 'The model does not behave here as where it was validated. What served before still serves.',
    status: 422,
  },
  GOLDEN_CASE_REFUSED: {
    message: 'The new revision of {endpoint} answers golden case {case} with status {status}: {reply}',
    hint: 'The bundle and the endpoint do not fit. What served before still serves.',
    status: 422,
  },
});
