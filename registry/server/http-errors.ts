import type { ErrorRequestHandler, RequestHandler } from 'express';
import { isCodedError } from 'coded-error';
import { registryError } from '../errors';

/** MLflow's word for an HTTP status, where the error has none of its own. */
const ERROR_CODES: Record<number, string> = {
  400: 'INVALID_PARAMETER_VALUE',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  413: 'BAD_REQUEST',
  422: 'INVALID_STATE',
};

export const unknownEndpoint: RequestHandler = (request, response) => {
  response
    .status(404)
    .json({ error_code: 'ENDPOINT_NOT_FOUND', message: `${request.method} ${request.path} is unknown` });
};

/** Every error leaves in MLflow's form, with Lungate's code and hint beside it. */
export const sendError: ErrorRequestHandler = (cause: unknown, _request, response, next) => {
  if (response.headersSent) {
    next(cause);
    return;
  }
  const error = codedOf(cause);
  const errorCode = error.code === 'REGISTRY_ALREADY_EXISTS' ? 'RESOURCE_ALREADY_EXISTS' : ERROR_CODES[error.status];
  if (error.status >= 500) console.error(cause);
  response.status(error.status).json({ error_code: errorCode ?? 'INTERNAL_ERROR', ...error.toJSON() });
};

function codedOf(cause: unknown) {
  if (isCodedError(cause)) return cause;
  // Express and its body reader mark a bad request with a status and a message that is fit to show.
  const { status, message } = cause as { status?: unknown; message?: unknown };
  if (status === 413) return registryError('REGISTRY_BODY_TOO_LARGE', { limit: 2_000_000 }, cause);
  if (typeof status === 'number' && status < 500)
    return registryError('REGISTRY_INVALID', { problem: String(message) }, cause);
  return registryError('REGISTRY_INTERNAL', {}, cause);
}
