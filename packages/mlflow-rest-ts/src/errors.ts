import { CodedError, defineErrors, type ErrorRow } from 'coded-error';

export const mlflowError = defineErrors({
  MLFLOW_UNREACHABLE: {
    message: 'No answer from the MLflow server at {url} ({problem})',
    hint: 'Start the server, or correct the tracking URI.',
    status: 503,
  },
  MLFLOW_REPLY_MALFORMED: {
    message: 'The reply of {url} is not what the MLflow REST API promises: {problem}',
    hint: 'Check that the tracking URI is the root of an MLflow server and not a proxy or another service.',
    status: 502,
  },
  MLFLOW_TRACKING_URI: {
    message: '"{uri}" is no address of an MLflow server',
    hint: 'Give an http or https address, as in http://127.0.0.1:5000.',
    status: 400,
  },
  MLFLOW_ARTIFACTS_NOT_PROXIED: {
    message: 'The artifacts of run {runId} stand at {uri}, which the server does not serve',
    hint: 'Start the server with --serve-artifacts, so that artifact addresses begin with mlflow-artifacts:/.',
    status: 501,
  },
  MLFLOW_BATCH_ITEM_TOO_LARGE: {
    message: 'The {kind} {key} alone takes {bytes} bytes, more than one request may hold ({limit})',
    hint: 'Log it as an artifact instead.',
    status: 400,
  },
});

/** What the server said, by MLflow's own `error_code`. */
export type MlflowErrorCode =
  | 'RESOURCE_DOES_NOT_EXIST'
  | 'RESOURCE_ALREADY_EXISTS'
  | 'INVALID_PARAMETER_VALUE'
  | 'INVALID_STATE'
  | 'BAD_REQUEST'
  | 'ENDPOINT_NOT_FOUND'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'RESOURCE_CONFLICT'
  | 'REQUEST_LIMIT_EXCEEDED'
  | 'TEMPORARILY_UNAVAILABLE'
  | 'INTERNAL_ERROR'
  // A newer server may know more of them.
  | (string & {});

const REFUSED: ErrorRow = { message: '{url}: {problem}', hint: 'Correct the request; the server said {errorCode}.' };

/** The server answered with an error. `errorCode` is MLflow's, `status` the HTTP status. */
export class MlflowApiError extends CodedError {
  constructor(
    url: string,
    status: number,
    readonly errorCode: MlflowErrorCode,
    problem: string,
  ) {
    super(`MLFLOW_${errorCode}`, { ...REFUSED, status }, { url, problem, errorCode });
    this.name = 'MlflowApiError';
  }
}

export function isMlflowApiError(error: unknown, errorCode?: MlflowErrorCode): error is MlflowApiError {
  return error instanceof MlflowApiError && (errorCode === undefined || error.errorCode === errorCode);
}
